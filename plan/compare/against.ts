import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { GroundworkError } from "../../config/groundworkError";
import { comparePlans } from "./compare";
import type { Difference } from "./difference";
import { PLAN_FORMAT, type Plan } from "../model";
import { checkOut, type Revision } from "./revision";
import { run } from "../../process/run";
import type { Project } from "../run/stackFiles";

/** Where this very program lies: a checkout, or dist/ of the published package. */
const OWN_PROGRAM = join(__dirname, "../..");

/**
 * The difference between a revision and the work tree. A revision of Groundwork itself makes its own plan, in a process of
 * its own; when the project only uses this package, this program makes it. What comes back is the plan as data, whose
 * format is versioned: where a revision keeps its files means nothing here.
 *
 * @param plan Makes the work tree's plan; it is made while the other process works.
 * @throws GroundworkError when the revision cannot be planned.
 */
export async function planAgainst(
  project: Project,
  stack: string,
  ref: string,
  plan: () => Promise<Plan>,
): Promise<Difference> {
  const revision = checkOut(project.directory, ref);
  try {
    const isOwn = realpathSync(project.directory) === realpathSync(OWN_PROGRAM);
    const isNew = !existsSync(join(revision.directory, `Pulumi.${stack}.yaml`));
    const [before, after] = await Promise.all([isNew ? undefined : planOf(revision, stack, ref, isOwn), plan()]);
    const difference = comparePlans(before, after, ref);
    const notes = [
      ...(isNew ? [`the stack is new: ${ref} has no Pulumi.${stack}.yaml`] : []),
      ...(revision.hasOtherPackages
        ? [`package-lock.json is not that of ${ref}: its plan is made with the packages that are installed now`]
        : []),
    ];
    return { ...difference, warnings: [...notes, ...difference.warnings] };
  } finally {
    revision.remove();
  }
}

async function planOf({ directory }: Revision, stack: string, ref: string, isOwn: boolean): Promise<Plan> {
  const program = isOwn ? join(directory, "bin", "groundwork.js") : ownCommand();
  if (!existsSync(program)) throw tooOld(ref, "it has no bin/groundwork.js");
  const command = [program, "plan", "--stack", stack, "--format", "json", "--cwd", directory];
  const { code, stdout, stderr } = await run(process.execPath, command, { timeoutMs: Infinity });
  if (code !== 0) {
    throw new GroundworkError("failed", `${ref} cannot be planned:\n${stderr.trimEnd().replaceAll(/^/gm, "  ")}`);
  }
  const plan = JSON.parse(stdout) as Plan | { readonly format?: string | number };
  if (plan.format !== PLAN_FORMAT) {
    throw tooOld(ref, `its plan has format ${plan.format ?? "0"}, this one has ${PLAN_FORMAT}`);
  }
  return plan as Plan;
}

function tooOld(ref: string, why: string): GroundworkError {
  return new GroundworkError("failed", `${ref} cannot be compared: ${why}; compare with a newer revision`);
}

/** bin/groundwork.js, from the sources or from dist/. */
function ownCommand(): string {
  const [file] = ["../..", "../../.."]
    .map((up) => join(__dirname, up, "bin", "groundwork.js"))
    .filter((each) => existsSync(each));
  if (file === undefined) throw new GroundworkError("failed", "bin/groundwork.js is missing from the package");
  return file;
}
