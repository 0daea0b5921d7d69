import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { run, type Environment } from "../process/run";
import { messageOf } from "./error";

/**
 * Pulumi's command-line tool for a lab: the machine's own before any other; else the one that its npm package, which is beside us, has
 * fetched or can fetch now.
 *
 * @returns The tool, or why there is none.
 */
export async function pulumiForLab(environment: Environment, directory: string): Promise<PulumiCommand | string> {
  const found = await tryToFind(environment);
  if (typeof found !== "string") return found;
  const fetched = await run("pulumi", ["version"], { env: environment, cwd: directory, timeoutMs: 120_000 });
  if (fetched.code !== 0) {
    const reason = fetched.stderr.trim().split("\n").at(-1) ?? "";
    return `${found}${reason === "" ? "" : `, and its npm package cannot fetch it (${reason.slice(0, 200)})`}`;
  }
  const now = await tryToFind(environment);
  if (typeof now !== "string") return now;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the lab's other commands do without the SDK
  const { PulumiCommand: Command } = require("@pulumi/pulumi/automation") as typeof import("@pulumi/pulumi/automation");
  return await Command.get();
}

async function tryToFind(environment: Environment): Promise<PulumiCommand | string> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it loads the SDK
  const { findPulumi } = require("../automation/pulumiCli") as typeof import("../automation/pulumiCli");
  try {
    return await findPulumi({ environment });
  } catch (error) {
    return messageOf(error).split(";")[0] ?? "";
  }
}
