import { X509Certificate } from "node:crypto";
import { GroundworkError } from "../../config/groundworkError";
import type { HostProgram } from "../../desired/host/program";
import type { DesiredNode } from "../../desired/nodes";
import { failureOf } from "../facts";
import type { Host, HostAnswer } from "../host";

/** Where k3s puts its snapshots unless it is told otherwise (docs.k3s.io/cli/etcd-snapshot). */
const SNAPSHOTS = "/var/lib/rancher/k3s/server/db/snapshots";

export interface HostCertificate {
  /** Below /var/lib/rancher/k3s. */
  readonly path: string;
  /** Undefined where it is none that can be read. */
  readonly endsAt: Date | undefined;
  readonly isAuthority: boolean;
}

export interface EtcdState {
  /** Nothing answered on its port for metrics. */
  readonly isSilent: boolean;
  readonly hasLeader: boolean | undefined;
  readonly isLearner: boolean | undefined;
  /** Bytes. */
  readonly size: number | undefined;
  readonly quota: number | undefined;
  /** Ids of the members that it knows, itself among them; none where this etcd does not tell (before 3.6). */
  readonly members: readonly string[];
  /** What it says of its health, with the alarm where one is raised. */
  readonly health: string;
}

/** A host of the cluster as it is. */
export interface HostHealth {
  readonly unit: { readonly name: string; readonly active: string };
  /** Where k3s's data lie; KiB, and free inodes in percent (undefined where the file system counts none). */
  readonly disk: {
    readonly place: string;
    readonly all: number;
    readonly free: number;
    readonly inodes: number | undefined;
  };
  readonly certificates: readonly HostCertificate[];
  /** What a run that was cut off left: `leaving`, `restart-pending`, `adopting`. */
  readonly left: readonly string[];
  /** The WireGuard mesh: whether its interface is there, and by peer the seconds since it was heard of; undefined without one. */
  readonly mesh: { readonly isThere: boolean; readonly silentFor: ReadonlyMap<string, number | "never"> } | undefined;
  /** Undefined on an agent. */
  readonly etcd: EtcdState | undefined;
  /** The newest snapshot; `none`, or undefined on an agent. */
  readonly snapshot: { readonly at: Date; readonly bytes: number; readonly path: string } | "none" | undefined;
  /** Seconds that its clock is ahead of ours, and how sure that is. */
  readonly clock: { readonly ahead: number; readonly within: number };
}

/**
 * The program that looks at a host.
 *
 * @param serverKeys k3s's own settings of the servers, where they may name another place for snapshots.
 */
export function doctorProgram(
  { name, role, steps, settings, mesh, interface: link = "" }: DesiredNode,
  serverKeys: Readonly<Record<string, unknown>>,
): HostProgram {
  const { project = "", stack = "" } = steps.host.program.facts;
  const directory = settings.k3s["etcd-snapshot-dir"] ?? serverKeys["etcd-snapshot-dir"];
  return {
    title: `how ${name} is`,
    facts: {
      ...{ project, stack, node: name, role, snapshot_dir: typeof directory === "string" ? directory : SNAPSHOTS },
      ...(mesh === undefined ? {} : { mesh: link }),
    },
    secrets: [],
    files: undefined,
    parts: ["report", "owner", "doctor"],
    verbs: ["doctor"],
  };
}

/** Asks one host. @throws Error where it is not reached or cannot say. */
export async function healthOf(host: Host, serverKeys: Readonly<Record<string, unknown>>): Promise<HostHealth> {
  await host.connected();
  const clock = await clockOf(host);
  return healthIn(await host.runProgram(doctorProgram(host.node, serverKeys), "doctor"), clock);
}

async function clockOf(host: Host): Promise<HostHealth["clock"]> {
  const from = Date.now();
  const answer = await host.run("date +%s.%N");
  return clockIn(answer, from, Date.now());
}

/**
 * How far a host's clock is from ours.
 *
 * @param from When it was asked, and `to` when it had answered, in milliseconds.
 * @throws GroundworkError where it did not tell a time: no clock is judged by that.
 */
export function clockIn(answer: HostAnswer, from: number, to: number): HostHealth["clock"] {
  // Without nanoseconds, busybox says a dot and an N.
  const [, seconds] = /^(\d+(?:\.\d+)?)(?:\.N|N)?$/.exec(answer.stdout.trim()) ?? [];
  if (answer.code !== 0 || seconds === undefined) {
    throw new GroundworkError("failed", `it does not tell its time: ${failureOf(answer)}`);
  }
  return { ahead: Number(seconds) - (from + to) / 2000, within: (to - from) / 2000 };
}

/**
 * Reads what the program said.
 *
 * @throws GroundworkError with its own error where it failed, or when it was cut off.
 */
export function healthIn(answer: HostAnswer, clock: HostHealth["clock"]): HostHealth {
  if (answer.code !== 0) throw new GroundworkError("failed", failureOf(answer));
  const said = new Map<string, string[][]>();
  for (const line of answer.stdout.split("\n")) {
    const [, name = "", value = ""] = /^([a-z]+)=(.*)$/.exec(line) ?? [];
    said.set(name, [...(said.get(name) ?? []), value.split("|")]);
  }
  if (!said.has("looked")) throw new GroundworkError("failed", "the look at the host was cut off");
  const all = (name: string): string[][] => said.get(name) ?? [];
  const [unit = "", active = ""] = all("unit")[0] ?? [];
  const [place = "", size, free, inodes = ""] = all("disk")[0] ?? [];
  return {
    unit: { name: unit, active },
    disk: { place, all: Number(size), free: Number(free), inodes: inodes === "" ? undefined : Number(inodes) },
    certificates: all("certificate").map(([path = "", text = ""]) => certificateIn(path, text)),
    left: all("left").flat(),
    mesh: all("mesh").length === 0 ? undefined : meshIn(all("mesh")),
    etcd: all("etcd").length === 0 ? undefined : etcdIn(all("etcd")),
    snapshot: snapshotIn(all("snapshot")[0]),
    clock,
  };
}

function meshIn(lines: readonly string[][]): NonNullable<HostHealth["mesh"]> {
  const peers = lines.flatMap(([name = "", ago]): [string, number | "never"][] =>
    ago === undefined ? [] : [[name, ago === "never" ? ago : Number(ago)]],
  );
  return { isThere: peers.length === lines.length, silentFor: new Map(peers) };
}

function certificateIn(path: string, text: string): HostCertificate {
  try {
    // The first one of a chain is the one that the others vouch for.
    const certificate = new X509Certificate(Buffer.from(text, "base64"));
    return { path, endsAt: new Date(certificate.validTo), isAuthority: certificate.ca };
  } catch {
    return { path, endsAt: undefined, isAuthority: false };
  }
}

function etcdIn(lines: readonly string[][]): EtcdState {
  const first = (name: string): string | undefined => lines.find(([each]) => each === name)?.[1];
  const number = (name: string): number | undefined => {
    const text = first(name);
    return text === undefined ? undefined : Number(text);
  };
  const flag = (name: string): boolean | undefined => {
    const value = number(name);
    return value === undefined ? undefined : value > 0;
  };
  return {
    isSilent: first("silent") !== undefined,
    hasLeader: flag("leader"),
    isLearner: flag("learner"),
    size: number("size"),
    quota: number("quota"),
    members: lines.flatMap(([name, id = ""]) => (name === "member" ? [id] : [])),
    health: first("health") ?? "",
  };
}

function snapshotIn(fields: readonly string[] | undefined): HostHealth["snapshot"] {
  if (fields === undefined) return undefined;
  const [seconds = "", bytes, path = ""] = fields;
  return seconds === "none" ? "none" : { at: new Date(Number(seconds) * 1000), bytes: Number(bytes), path };
}
