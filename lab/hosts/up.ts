import { mkdirSync } from "node:fs";
import { LabError } from "../error";
import { DEFAULT_LAB, hostNames, OPERATOR_USER } from "../naming";
import type { LabPaths } from "../paths";
import { run } from "../../process/run";
import type { Progress } from "../progress";
import { type LabState, readState, STATE_SCHEMA, writeState } from "../state";
import { siteNames } from "../stack/stackSettings";
import { releasedSum } from "../site/release";
import { writeStackFile } from "../stack/stackFile";
import { ensureTsigKey } from "../stack/tsigKey";
import type { ContainerSettings } from "./containerArgs";
import { type Container, listContainers, removeContainers, requireOwn } from "./containers";
import type { Docker } from "./docker";
import { type Consent, findContainerEngine } from "./containerEngine";
import { forgetHostKey, makeHost, makeSite, startHost, tellSite } from "./host";
import { ensureImage } from "./image";
import { raiseInotifyLimit } from "./inotify";
import { ensureKey, writeSshFiles } from "./keys";
import { ensureNetwork, freeLoopback, freeSshPort } from "./network";
import { hostChanges, type HostChanges } from "./hostChanges";

export interface UpOptions {
  readonly lab: string;
  /** Default: as many as the lab has, 1 for a new one. */
  readonly servers?: number;
  /** Default: as many as the lab has, 2 for a new one. */
  readonly agents?: number;
  /** `hollow`, `real` or a binary's path. Default: what the lab has, `hollow` for a new one. */
  readonly k3s?: string;
  /** Default: stand-in. Counts when the stack's file is made. */
  readonly charts?: "stand-in" | "real";
  /** Leave hosts that are no longer wanted: they leave the cluster before they go. See {@link removeSurplus}. */
  readonly keepSurplus?: boolean;
}

export interface UpParts {
  readonly paths: LabPaths;
  readonly progress: Progress;
  readonly consent: Consent;
  /** Makes sure that the releases that the stack wants are in the mirror; returns whether one was put there. */
  readonly artifacts: (k3s: string) => Promise<boolean>;
  /** Makes the lab's own chart of cert-manager, as a stack names it; undefined where the plain stand-in does. */
  readonly certManagerChart: (k3s: string) => Promise<string | undefined>;
}

export interface UpResult {
  readonly state: LabState;
  /** Whether anything was made, started, removed or written. */
  readonly changed: boolean;
  /** Containers that are still there for a later {@link removeSurplus}. */
  readonly surplus: readonly Container[];
  readonly docker: Docker;
}

/** How many hosts boot at the same time: more only makes each slower. */
const AT_ONCE = 4;

/**
 * Makes a lab what it should be: what is missing is made, what stopped is started, what an interrupted run left is
 * made anew, and what is no longer wanted goes. Whatever is right stays untouched.
 *
 * @throws LabError with one line that says what stands in the way.
 */
export async function labUp(options: UpOptions, parts: UpParts): Promise<UpResult> {
  const { paths, progress } = parts;
  const before = readState(paths, options.lab);
  const servers = options.servers ?? before?.servers ?? 1;
  const agents = options.agents ?? before?.agents ?? 2;
  const k3s = options.k3s ?? before?.k3s ?? "hollow";
  hostNames(servers, agents);
  if (before !== undefined && before.k3s !== k3s) {
    throw new LabError(
      `lab ${options.lab} was made with --k3s ${before.k3s}`,
      `'npx groundwork lab down${options.lab === DEFAULT_LAB ? "" : ` --name ${options.lab}`}' first, or leave --k3s away`,
    );
  }
  await requireSsh();
  const docker = await findContainerEngine(paths, progress, parts.consent);
  const containers = await listContainers(docker, options.lab);
  requireOwn(containers, options.lab, paths.directory);
  const changes = hostChanges({ servers, agents }, before?.hosts ?? [], containers, paths.directory);
  await removeUnfinished(docker, changes, progress);

  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  const released = await parts.artifacts(k3s);
  const certManagerChart = await parts.certManagerChart(k3s);
  const image = changes.make.length > 0 || changes.makeSite ? await ensureImage(docker, paths, progress) : "";
  const prefix = await ensureNetwork(docker, options.lab, paths.directory, before?.prefix);
  let state: LabState = {
    schema: STATE_SCHEMA,
    name: options.lab,
    loopback: before?.loopback ?? (await freeLoopback()),
    prefix,
    k3s,
    servers,
    agents,
    hosts: [
      ...changes.kept,
      ...(before?.hosts ?? []).filter((host) => changes.surplus.some((one) => one.host === host.name)),
    ],
  };
  writeState(paths, state);
  const settings: ContainerSettings = {
    lab: options.lab,
    directory: paths.directory,
    image,
    mirror: paths.mirror,
    loopback: state.loopback,
  };
  const tsigKey = ensureTsigKey(paths);
  const operator = await ensureKey(paths.operatorKey, `groundwork-lab-${options.lab}`);

  raiseInotifyLimit(changes.make.length + changes.start.length + 1, progress);
  for (const name of changes.start) {
    await progress.step(`${name} started again`, async () => {
      await startHost(docker, options.lab, name);
    });
  }
  const ports = await givePorts(changes, before, state.loopback);
  if (changes.makeSite) {
    await progress.step("the site: resolver, artifact server and name server", async () => {
      await makeSite(docker, settings, prefix, siteNames(prefix, changes.make), tsigKey);
    });
  }
  await eachAtOnce(changes.make, AT_ONCE, async (host) => {
    await progress.step(`host ${host.name}`, async () => {
      const sshPort = ports.get(host.name) ?? 0;
      const made = await makeHost(docker, paths, settings, { ...host, prefix, sshPort }, operator);
      state = { ...state, hosts: inOrder([...state.hosts.filter((one) => one.name !== host.name), made]) };
      writeState(paths, state);
    });
  });
  let surplus = changes.surplus;
  if (options.keepSurplus !== true && surplus.length > 0) {
    state = await removeSurplus(docker, paths, state, surplus, progress);
    surplus = [];
  }
  const wanted = { ...state, hosts: state.hosts.filter((host) => !surplus.some((one) => one.host === host.name)) };
  writeSshFiles(paths, state, OPERATOR_USER);
  const removed = changes.surplus.length - surplus.length;
  const hostsChanged = changes.make.length + changes.start.length + removed + changes.unfinished.length > 0;
  if (hostsChanged && !changes.makeSite) await tellSite(docker, options.lab, siteNames(prefix, state.hosts));
  if (changes.make.length > 0) {
    await proveSsh(
      paths,
      changes.make.map((host) => host.name),
      progress,
    );
  }
  const written = writeStackFile(paths, {
    state: wanted,
    privateKey: operator.privateKey,
    charts: options.charts ?? "stand-in",
    certManagerChart,
    tsigKey,
    sumOf: (version) => releasedSum(paths, version),
  });
  const changed = hostsChanged || changes.makeSite || released || written;
  return { state: wanted, changed, surplus, docker };
}

/** Removes hosts that are no longer wanted: containers, keys, and their place in the state. */
export async function removeSurplus(
  docker: Docker,
  paths: LabPaths,
  state: LabState,
  surplus: readonly Container[],
  progress: Progress,
): Promise<LabState> {
  if (surplus.length === 0) return state;
  const names = surplus.map((container) => container.host);
  await progress.step(`removed: ${names.join(", ")}`, async () => {
    await removeContainers(docker, surplus);
  });
  const rest = { ...state, hosts: state.hosts.filter((host) => !names.includes(host.name)) };
  writeState(paths, rest);
  for (const name of names) forgetHostKey(paths, name);
  writeSshFiles(paths, rest, OPERATOR_USER);
  return rest;
}

async function removeUnfinished(docker: Docker, changes: HostChanges, progress: Progress): Promise<void> {
  if (changes.unfinished.length === 0) return;
  const names = changes.unfinished.map((container) => container.host);
  await progress.step(`left unfinished by an interrupted run, removed: ${names.join(", ")}`, async () => {
    await removeContainers(docker, changes.unfinished);
  });
}

/** A port for each host to be made: the one it had, or a free one. */
async function givePorts(
  changes: HostChanges,
  before: LabState | undefined,
  loopback: string,
): Promise<Map<string, number>> {
  const given = new Set((before?.hosts ?? []).map((host) => host.sshPort));
  const ports = new Map<string, number>();
  for (const host of changes.make) {
    const had = before?.hosts.find((one) => one.name === host.name)?.sshPort;
    const port = had ?? (await freeSshPort(loopback, given));
    given.add(port);
    ports.set(host.name, port);
  }
  return ports;
}

async function requireSsh(): Promise<void> {
  if ((await run("ssh", ["-V"])).code === 0) return;
  throw new LabError("ssh is not on this machine", "install OpenSSH's client (openssh-client)");
}

/** Connects to each host with its written key and the operator's, as a stack will. */
async function proveSsh(paths: LabPaths, names: readonly string[], progress: Progress): Promise<void> {
  await progress.step("SSH to every new host, with its key", async () => {
    await eachAtOnce(names, AT_ONCE, async (name) => {
      const proof = await run("ssh", ["-F", paths.sshConfig, "-o", "BatchMode=yes", name, "sudo -n true"], {
        timeoutMs: 30_000,
      });
      if (proof.code !== 0) throw new LabError(`host ${name} does not let SSH in: ${proof.stderr.trim()}`);
    });
  });
}

/** Servers first, each by its number. */
function inOrder<T extends { readonly octet: number }>(hosts: readonly T[]): T[] {
  return [...hosts].sort((one, other) => one.octet - other.octet);
}

/** Works on all items, so many at a time; the first failure is thrown when those under way have ended. */
export async function eachAtOnce<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const errors: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && errors.length === 0; item = queue.shift()) {
      try {
        await work(item);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (errors.length > 0) throw errors[0];
}
