import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { run } from "../process/run";
import type { LabPaths } from "./paths";
import type { Progress } from "./progress";

/** A proof by DNS takes a minute, which cert-manager waits for name servers, and some seconds. */
const LONGEST_WAIT = 150_000;

const condition = z.object({ type: z.string(), status: z.string(), message: z.string().optional() });
const certificates = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ namespace: z.string(), name: z.string() }),
      status: z.object({ conditions: z.array(condition).optional() }).optional(),
    }),
  ),
});

/** A certificate that is not issued. */
export interface Unissued {
  /** Its namespace and name: `apps/web`. */
  readonly name: string;
  /** cert-manager's words; empty where it has said nothing yet. */
  readonly why: string;
}

/** The certificates without a valid Secret in what `kubectl get certificates -A -o json` answered. */
export function unissued(answer: string): Unissued[] {
  return certificates.parse(JSON.parse(answer)).items.flatMap(({ metadata, status }) => {
    const said = status?.conditions ?? [];
    if (said.some(({ type, status: is }) => type === "Ready" && is === "True")) return [];
    // What the last try failed with says more than that there is no Secret.
    const why = [...said].sort((one) => (one.type === "Issuing" ? -1 : 1))[0]?.message ?? "";
    return [{ name: `${metadata.namespace}/${metadata.name}`, why }];
  });
}

/** Waits until every certificate of the cluster is issued, and shows which are not after a while, and who knows more. */
export async function waitForCertificates(paths: LabPaths, stack: string, progress: Progress): Promise<void> {
  const deadline = Date.now() + LONGEST_WAIT;
  const left = await progress.step("certificates", async (tell) => {
    for (;;) {
      const missing = await ask(paths);
      if (missing.length === 0 || Date.now() > deadline) return missing;
      tell(`waiting for ${missing.map(({ name }) => name).join(", ")}`);
      await sleep(2_000);
    }
  });
  for (const { name, why } of left) {
    progress.note(`  not issued after ${String(LONGEST_WAIT / 1000)} s: ${name}${why === "" ? "" : `: ${why}`}`);
  }
  if (left.length === 0) return;
  const passphrase = `PULUMI_CONFIG_PASSPHRASE_FILE=${relative(process.cwd(), paths.passphrase)}`;
  progress.note(`  where they stand, and what to do: ${passphrase} npx groundwork certificate why --stack ${stack}`);
}

async function ask(paths: LabPaths): Promise<readonly Unissued[]> {
  const command = "sudo -n k3s kubectl --request-timeout=20s get certificates -A -o json";
  const { code, stdout, stderr } = await run("ssh", [
    "-F",
    paths.sshConfig,
    "-o",
    "BatchMode=yes",
    "server-1",
    command,
  ]);
  return code === 0
    ? unissued(stdout)
    : [{ name: "the cluster", why: stderr.trim().split("\n").at(-1) ?? "no answer" }];
}
