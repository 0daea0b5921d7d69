import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { GroundworkError } from "../config/groundworkError";
import { run } from "../process/run";
import { comparePlans } from "./compare";
import type { Difference } from "./difference";
import type { Plan } from "./model";
import { OWN_PROGRAM, placeIn, PROGRAM_FILES } from "./program";
import { checkOut, type Revision } from "./revision";
import type { Project } from "./stackFiles";

/**
 * The difference between a revision and the work tree. The revision is evaluated by its own program, in a process of its
 * own; when the project only uses this package, it is evaluated by this program.
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
    if (isOwn) requireProgram(revision, ref);
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

function requireProgram({ directory }: Revision, ref: string): void {
  const missing = PROGRAM_FILES.find((places) => placeIn(directory, places) === undefined);
  if (missing === undefined) return;
  throw new GroundworkError(
    "failed",
    `${ref} is older than the plan (it has no ${missing[0]}.ts); compare with a newer revision`,
  );
}

async function planOf({ directory }: Revision, stack: string, ref: string, isOwn: boolean): Promise<Plan> {
  const command = [
    ...[ownCommand(), "plan", "--stack", stack, "--format", "json", "--cwd", directory],
    ...(isOwn ? ["--program", directory] : []),
  ];
  const { code, stdout, stderr } = await run(process.execPath, command, { timeoutMs: Infinity });
  if (code === 0) return JSON.parse(stdout) as Plan;
  throw new GroundworkError("failed", `${ref} cannot be planned:\n${stderr.trimEnd().replaceAll(/^/gm, "  ")}`);
}

/** bin/groundwork.js, from the sources or from dist/. */
function ownCommand(): string {
  const [file] = ["..", "../.."]
    .map((up) => join(__dirname, up, "bin", "groundwork.js"))
    .filter((each) => existsSync(each));
  if (file === undefined) throw new GroundworkError("failed", "bin/groundwork.js is missing from the package");
  return file;
}
