import { relative } from "node:path";
import {
  applyWithLabEngine,
  applyWithPulumi,
  engineInUse,
  type EngineName,
  pulumiVariables,
  whyNoPulumi,
} from "./apply";
import { LabError } from "./error";
import { labUp, removeSurplus, type UpOptions, type UpParts } from "./hosts/up";
import { stackName } from "./naming";
import { startOnSite } from "./hosts/siteCertificates";
import { waitForCertificates } from "./issued";
import type { LabPaths } from "./paths";
import { duration, type Progress } from "./progress";
import { certManagerChart, ensureCertificatePrograms } from "./site/certManager";
import { installsCertManager } from "./stack/stackConfig";
import { writeFileAtomically } from "./state";
import { clusterSummary } from "./summary";

/** What differs from a cluster that runs cert-manager's containers. */
const WITHOUT_WEBHOOK =
  "  cert-manager's controllers run on the site, without its webhook: what that would refuse or complete is taken as it is";

export interface RunOptions extends UpOptions {
  /** Default: the one that the stack was begun with, otherwise Pulumi where its CLI can be had. */
  readonly engine?: EngineName;
}

/** `lab up`, then the stack applied, then what there is now. @returns Whether anything changed. */
export async function labRun(
  options: RunOptions,
  parts: UpParts,
  now: () => number = () => performance.now(),
): Promise<boolean> {
  const { paths, progress } = parts;
  const begun = now();
  const up = await labUp({ ...options, keepSurplus: true }, parts);
  const issues = up.state.k3s === "hollow" && installsCertManager(paths, certManagerChart(paths));
  // Compiled beside what waits for hosts; where it fails, the cluster is there all the same.
  const programs = issues ? ensureCertificatePrograms(paths, progress) : undefined;
  programs?.catch(() => undefined);
  const engine = await chooseEngine(options.engine, paths, progress);
  progress.note(`  applying stack ${stackName(options.lab)} with ${engine === "lab" ? "the lab engine" : "Pulumi"}`);
  const apply = engine === "lab" ? applyWithLabEngine : applyWithPulumi;
  const applied = await progress.step(`stack ${stackName(options.lab)}`, async () => {
    return await apply(paths, options.lab, (line) => {
      progress.note(`    ${line}`);
    });
  });
  await removeSurplus(up.docker, paths, up.state, up.surplus, progress);
  const { kubeconfig } = applied.outputs;
  if (typeof kubeconfig === "string") writeFileAtomically(paths.kubeconfig, kubeconfig);
  let changed = up.changed || applied.changed;
  if (programs !== undefined && typeof kubeconfig === "string") {
    const made = await programs;
    const started = await progress.step("the site's ACME server and cert-manager's controllers", async () => {
      return await startOnSite(up.docker, up.state, made, kubeconfig);
    });
    changed ||= started;
    if (changed) await waitForCertificates(paths, stackName(options.lab), progress);
  }
  for (const line of await clusterSummary(paths)) progress.note(line);
  if (programs !== undefined) progress.note(WITHOUT_WEBHOOK);
  progress.note("");
  progress.note(`${changed ? "Done" : "Nothing changed"} after ${duration(now() - begun)}. The cluster's kubeconfig:`);
  progress.note(`  export KUBECONFIG=${relative(process.cwd(), paths.kubeconfig)}   # then: kubectl get nodes`);
  if (engine === "pulumi") {
    progress.note(`To work on the stack with pulumi itself (pulumi preview --stack ${stackName(options.lab)}):`);
    for (const [name, value] of Object.entries(pulumiVariables(paths))) progress.note(`  export ${name}=${value}`);
  }
  return changed;
}

async function chooseEngine(wanted: EngineName | undefined, paths: LabPaths, progress: Progress): Promise<EngineName> {
  const used = engineInUse(paths);
  if (wanted !== undefined && used !== undefined && wanted !== used) {
    throw new LabError(
      `the stack was begun with ${used === "lab" ? "the lab engine" : "Pulumi"}, whose state the other cannot read`,
      "'npx groundwork lab down' first, or leave --engine away",
    );
  }
  const engine = wanted ?? used;
  if (engine !== undefined) return engine;
  const why = await progress.step("looked for the Pulumi CLI", async () => await whyNoPulumi(paths));
  if (why !== undefined) progress.note(`  ${why}: the lab engine applies the program`);
  return why === undefined ? "pulumi" : "lab";
}
