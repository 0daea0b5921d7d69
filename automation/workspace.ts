import { LocalWorkspace, Stack, type PulumiCommand, type PulumiFn } from "@pulumi/pulumi/automation";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";
import { Secret } from "../config/secret";
import type { Environment } from "../process/run";
import { findPulumi, runPulumi } from "./pulumiCli";
import { temporaryDirectory } from "../process/temporaryDirectory";

/** The project's name is fixed, so that a checkout's command line finds the same stacks. */
export const PROJECT = "groundwork";

/** What an operation on a stack needs to reach it. */
export interface StackPlace {
  readonly name: string;
  readonly backendUrl: string | undefined;
  readonly passphrase: Secret | undefined;
  readonly secretsProvider: string | undefined;
  readonly pulumiHome: string | undefined;
  readonly pulumiRoot: string | undefined;
  /** The process's own variables and those that the caller adds. */
  readonly environment: Environment;
}

/**
 * What happens when the backend does not have the stack: it is made there; or the operation fails; or a new one in the
 * work directory takes its place, which a preview needs and which leaves no trace.
 */
type WhenMissing = "create" | "fail" | "ephemeral";

/** Where a stack is while an operation runs. */
export interface Work {
  readonly stack: Stack;
  /** Runs a command on the stack, with this on its standard input, and gives what it printed. */
  readonly run: (args: readonly string[], input?: string) => Promise<string>;
  /** This operation's own, for nobody else to read. */
  readonly directory: string;
  /** Whether the stack was there, was made now, or is one that leaves no trace. */
  readonly is: "there" | "new" | "ephemeral";
}

/** How a workspace is made. */
export interface WorkspaceOptions {
  readonly whenMissing: WhenMissing;
  readonly program?: PulumiFn;
  /** How the secrets of a stack that is made now are encrypted: the stack file's own lines. Default: as the place says. */
  readonly encryption?: string;
}

/**
 * Runs an operation in a directory of its own, so that operations side by side share no file; it is gone afterwards, also
 * when this process is killed.
 * In it are the project's and the stack's files, without settings, and the passphrase, for nobody else to read.
 */
export async function inWorkspace<T>(
  place: StackPlace,
  options: WorkspaceOptions,
  operate: (work: Work) => Promise<T>,
): Promise<T> {
  const pulumi = await findPulumi({ root: place.pulumiRoot, environment: searched(place) });
  const { path: directory, remove } = temporaryDirectory();
  try {
    const where = await reachable(place, { ...options, pulumi, directory });
    const workspace = await LocalWorkspace.create({
      workDir: directory,
      pulumiCommand: pulumi,
      pulumiHome: where.place.pulumiHome,
      // What is undefined here is taken out of the environment; the SDK's type does not tell.
      envVars: where.environment as Record<string, string>,
      program: options.program,
    });
    // A selection would be a file under Pulumi's home that nobody removes; every command names its stack anyway.
    workspace.selectStack = async () => Promise.resolve();
    const stack = await Stack.select(where.place.name, workspace);
    const run = async (args: readonly string[], input?: string): Promise<string> =>
      runPulumi(pulumi, [...args, "--stack", where.place.name], { directory, environment: where.environment, input });
    return await operate({ stack, run, directory, is: where.is });
  } finally {
    remove();
  }
}

interface Reached extends Pick<Work, "is"> {
  readonly place: StackPlace;
  readonly environment: Environment;
}

/** The place where the stack is, or is now. */
async function reachable(
  place: StackPlace,
  how: WorkspaceOptions & { readonly pulumi: PulumiCommand; readonly directory: string },
): Promise<Reached> {
  const { pulumi, directory, whenMissing, encryption } = how;
  // Paths in the settings (a chart in a directory) are relative to where the process runs, as everywhere else.
  const project = { name: PROJECT, runtime: "nodejs", main: process.cwd() };
  await fs.writeFile(path.join(directory, "Pulumi.yaml"), stringify(project));
  const environment = await variables(place, directory);
  const run = async (args: readonly string[]): Promise<string> => runPulumi(pulumi, args, { directory, environment });
  const missing = await run(["stack", "output", "--json", "--stack", place.name]).then(() => undefined, notFound);
  if (missing === undefined) return { place, environment, is: "there" };
  if (whenMissing === "fail") throw missing;
  if (whenMissing === "ephemeral") {
    const reached = await reachable(await ephemeral(place, directory), { ...how, whenMissing: "create" });
    return { ...reached, is: "ephemeral" };
  }
  if (encryption !== undefined) await fs.writeFile(stackFile(directory, place.name), encryption);
  const provider = place.secretsProvider ?? (place.passphrase === undefined ? undefined : "passphrase");
  const secrets = provider === undefined ? [] : ["--secrets-provider", provider];
  const is = await run(["stack", "init", place.name, "--no-select", ...secrets]).then(
    () => "new" as const,
    (error: unknown) => {
      // Somebody else made it in the meantime, which is as good.
      if (String(error).includes("already exists")) return "there" as const;
      throw error;
    },
  );
  return { place, environment, is };
}

/** The stack's own file in a work directory: how its secrets are encrypted, and nothing else. */
export function stackFile(directory: string, stack: string): string {
  return path.join(directory, `Pulumi.${shortName(stack)}.yaml`);
}

/** Whether the caller says how secrets are encrypted; otherwise the backend brings its own way. */
export function bringsEncryption(place: StackPlace): boolean {
  return place.passphrase !== undefined || place.secretsProvider !== undefined;
}

/** The error that says that there is no such stack; any other is thrown. */
function notFound(error: unknown): Error {
  if (error instanceof Error && /no stack named .* found/.test(error.message)) return error;
  throw error;
}

async function ephemeral(place: StackPlace, directory: string): Promise<StackPlace> {
  const state = path.join(directory, "state");
  await fs.mkdir(state);
  return {
    ...place,
    name: shortName(place.name),
    backendUrl: pathToFileURL(state).href,
    ...(bringsEncryption(place) ? {} : { passphrase: Secret.of(randomBytes(16).toString("hex")) }),
  };
}

async function variables(place: StackPlace, directory: string): Promise<Environment> {
  return {
    ...place.environment,
    ...(place.pulumiHome === undefined ? {} : { PULUMI_HOME: place.pulumiHome }),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The stack's file is new each time: what its secrets are encrypted with is in its state.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    ...(place.backendUrl === undefined ? {} : { PULUMI_BACKEND_URL: place.backendUrl }),
    ...(place.passphrase === undefined ? {} : await passphraseFile(place.passphrase, directory)),
  };
}

async function passphraseFile(passphrase: Secret, directory: string): Promise<Environment> {
  const file = path.join(directory, "passphrase");
  await fs.writeFile(file, passphrase.reveal(), { mode: 0o600 });
  // The variable would win over the file, and everyone with the same user could read it.
  return { PULUMI_CONFIG_PASSPHRASE: undefined, PULUMI_CONFIG_PASSPHRASE_FILE: file };
}

function searched(place: StackPlace): Environment {
  return place.pulumiHome === undefined ? place.environment : { ...place.environment, PULUMI_HOME: place.pulumiHome };
}

/** The stack's name without the organization of a Pulumi Cloud. */
export function shortName(name: string): string {
  return name.split("/").at(-1) ?? name;
}
