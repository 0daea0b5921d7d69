import { PulumiCommand } from "@pulumi/pulumi/automation";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { run, type Environment } from "../process/run";
import { StackError } from "./errors";

/** Where the command-line tool is looked for. */
export interface CliPlaces {
  /** Directory of an installation, with `bin/pulumi` in it; nothing else is looked at then. */
  readonly root?: string;
  readonly environment: Environment;
}

/**
 * Pulumi's command-line tool, which runs the engine: on the PATH, else where its installer puts it (`~/.pulumi/bin`),
 * else where `npx pulumi` keeps it (`~/.pulumi/versions`, newest first).
 *
 * @throws StackError `no-engine`
 */
export async function findPulumi(places: CliPlaces): Promise<PulumiCommand> {
  const roots = places.root === undefined ? possibleRoots(places.environment) : [places.root];
  const [root] = roots.filter(isInstallation);
  if (root === undefined) {
    const where = places.root === undefined ? "on the PATH or in ~/.pulumi" : `in ${path.join(places.root, "bin")}`;
    throw noEngine(`Pulumi's command-line tool is not ${where}`);
  }
  try {
    return await PulumiCommand.get({ root });
  } catch (error) {
    throw noEngine(`Pulumi's command-line tool in ${path.join(root, "bin")} does not work: ${firstLine(error)}`);
  }
}

/**
 * Runs one command and gives what it printed. The SDK's own way to do that is internal to it.
 *
 * @throws Error with what the command said.
 */
export async function runPulumi(
  pulumi: PulumiCommand,
  args: readonly string[],
  options: { readonly directory: string; readonly environment: Environment; readonly input?: string },
): Promise<string> {
  const { directory: cwd, environment: env, input } = options;
  const all = [...args, "--non-interactive"];
  const { code, stdout, stderr } = await run(pulumi.command, all, { cwd, env, input, timeoutMs: Infinity });
  if (code === 0) return stdout;
  throw new Error(stderr.trim() === "" ? `pulumi ${args.join(" ")} ended with ${code}` : stderr);
}

function noEngine(message: string): StackError {
  const remedy = "install it (https://www.pulumi.com/docs/install/), or run once: npx pulumi version";
  return new StackError("no-engine", message, { remedy });
}

function possibleRoots(environment: Environment): string[] {
  const home = environment["PULUMI_HOME"] ?? path.join(os.homedir(), ".pulumi");
  // node_modules/.bin is not called bin: what is there is the wrapper of npm's package.
  const onPath = (environment["PATH"] ?? "").split(path.delimiter).filter((each) => path.basename(each) === "bin");
  return [...onPath.map((bin) => path.dirname(bin)), home, ...keptByNpx(path.join(home, "versions"))];
}

function keptByNpx(directory: string): string[] {
  try {
    const newestFirst = new Intl.Collator("en", { numeric: true }).compare;
    return fs
      .readdirSync(directory)
      .sort((one, other) => newestFirst(other, one))
      .map((version) => path.join(directory, version));
  } catch {
    return [];
  }
}

/** Not the wrapper of npm's package: a signal would end it alone and leave the engine behind, which cannot be cancelled then. */
function isInstallation(root: string): boolean {
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  try {
    const file = fs.realpathSync(path.join(root, "bin", name));
    fs.accessSync(file, fs.constants.X_OK);
    return path.isAbsolute(root) && !file.endsWith(".js") && fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, said] = /(?:stderr|err\?): (?:Error: )?(\S.*)/.exec(message) ?? [];
  return said ?? message.split("\n")[0] ?? "";
}
