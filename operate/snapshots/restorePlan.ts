import { randomBytes } from "node:crypto";
import { GroundworkError } from "../../config/groundworkError";
import { minorSteps } from "../../config/versions/version";
import { factsOf } from "../facts";
import { kubectlOf } from "../kubectl";
import { askAll, type Site } from "../site";
import { serversOf, snapshotsOn } from "./list";
import type { Restore, Snapshot, Unfinished } from "./model";
import { isInS3, snapshotProgram } from "./programs";
import { lookAt, type ServerLook } from "./restoreState";
import { serverNamed } from "./save";

/** What a person asks of a restore. */
export interface RestoreRequest {
  /** Name or path of a snapshot on one of the servers. */
  readonly snapshot?: string;
  /** The server that has it, where several have one of the name. */
  readonly from?: string;
  /** The server whose own data are to go on, where most of the others are lost. */
  readonly fromSurvivor?: string;
  /** Servers that are gone for good. */
  readonly without: readonly string[];
  /** It is about taking back the one that was begun. */
  readonly undo: boolean;
}

/** What is known of the snapshot before anything is stopped. */
export interface SnapshotFacts {
  readonly bytes: number;
  readonly time: string;
  readonly version: string;
  /** The file with the token that opens it; undefined where that is the stack's own of today. */
  readonly oldToken: string | undefined;
  /** Names that its keys have; those of Nodes that were deleted just before it was taken among them. */
  readonly nodes: readonly string[];
}

/** A restore as it is shown before it is made. */
export interface RestorePlan {
  readonly restore: Restore;
  readonly looks: readonly ServerLook[];
  /** It was begun before, and goes on. */
  readonly goesOn: boolean;
  /** Undefined for a survivor's data, and for a restore that goes on past the reset. */
  readonly facts: SnapshotFacts | undefined;
  readonly without: readonly string[];
}

/**
 * Looks at all servers and the snapshot, and decides what is to be done. Changes nothing.
 *
 * @throws GroundworkError with everything that is in the way, at once.
 */
export async function planRestore(site: Site, request: RestoreRequest): Promise<RestorePlan> {
  for (const name of request.without) serverNamed(site, name, "--without");
  const looks = await lookAtServers(site, request.without);
  const begun = begunRestore(looks);
  if (request.undo && begun === undefined) {
    throw new GroundworkError("failed", "no restore was begun on these servers, so there is nothing to take back");
  }
  const restore = begun === undefined ? await newRestore(site, request, looks) : resumed(site, request, begun, looks);
  refuseWith(problemsOf(site, restore, looks, begun));
  if (restore.from === "survivor" && begun === undefined) await refuseWithQuorum(looks);
  const chosen = lookOf(looks, restore.chosen.name);
  const isPastReset = begun !== undefined && !["held", "resetting"].includes(chosen.unfinished?.phase ?? "held");
  const facts =
    restore.from === "survivor" || isInS3(restore.snapshot) || isPastReset || request.undo
      ? undefined
      : await snapshotFacts(site, restore, chosen);
  if (facts !== undefined) refuseWith(versionProblems(facts, chosen));
  return { restore, looks, goesOn: begun !== undefined, facts, without: request.without };
}

async function lookAtServers(site: Site, without: readonly string[]): Promise<ServerLook[]> {
  const hosts = serversOf(site).filter(({ name }) => !without.includes(name));
  const replies = await askAll(hosts, lookAt);
  refuseWith(
    replies.flatMap((reply) =>
      "error" in reply
        ? [
            `${reply.host.name}: ${reply.error.message}; bring it back, or leave it out with --without ${reply.host.name} if the machine is gone for good`,
          ]
        : [],
    ),
  );
  return replies.flatMap((reply) => ("error" in reply ? [] : [reply.value]));
}

/** The restore that was begun and not finished; undefined where there is none. */
export function begunRestore(looks: readonly ServerLook[]): Unfinished | undefined {
  const begun = looks.flatMap(({ unfinished }) => unfinished ?? []);
  const [first] = begun;
  if (begun.some(({ id }) => id !== first?.id)) {
    const each = looks.flatMap(({ host, unfinished }) =>
      unfinished === undefined ? [] : [`${host.name} has ${unfinished.id} (${unfinished.phase})`],
    );
    throw new GroundworkError("failed", `two restores were begun on the servers: ${each.join(", ")}`, {
      remedy: "look at /var/lib/groundwork/restore/state on each, and remove the one that is not wanted",
    });
  }
  return first;
}

function resumed(site: Site, request: RestoreRequest, begun: Unfinished, looks: readonly ServerLook[]): Restore {
  const wanted = request.snapshot;
  const isOther =
    (wanted !== undefined && wanted !== begun.snapshot && !begun.snapshot.endsWith(`/${wanted}`)) ||
    (request.fromSurvivor !== undefined && (begun.from !== "survivor" || request.fromSurvivor !== begun.chosen)) ||
    (request.from !== undefined && request.from !== begun.chosen);
  if (isOther) {
    throw new GroundworkError("failed", `another restore was begun and is not finished: ${whatOf(begun)}`, {
      remedy: "finish it with 'groundwork snapshot restore', or take it back with 'groundwork snapshot restore --undo'",
    });
  }
  const chosen = lookOf(looks, begun.chosen).host.node;
  const servers = begun.servers.map((name) => serverNamed(site, name, "the restore that was begun has").node);
  return { id: begun.id, from: begun.from, chosen, snapshot: begun.snapshot, servers, nodes: namesOf(site) };
}

/** A restore in a few words. */
export function whatOf({ from, snapshot, chosen }: Pick<Unfinished, "from" | "snapshot" | "chosen">): string {
  return from === "survivor" ? `the data of ${chosen}` : `${snapshot} on ${chosen}`;
}

async function newRestore(site: Site, request: RestoreRequest, looks: readonly ServerLook[]): Promise<Restore> {
  const common = { id: newId(), servers: looks.map(({ host }) => host.node), nodes: namesOf(site) };
  if (request.fromSurvivor !== undefined) {
    const survivor = serverNamed(site, request.fromSurvivor, "--from-survivor");
    if (request.snapshot !== undefined) {
      throw new GroundworkError("usage", "either a snapshot or --from-survivor: a survivor goes on with its own data");
    }
    const { host } = lookOf(looks, survivor.name);
    return { ...common, from: "survivor", chosen: host.node, snapshot: "" };
  }
  if (request.snapshot === undefined) {
    throw new GroundworkError("usage", "which snapshot? Name one that 'groundwork snapshot list' shows");
  }
  if (isInS3(request.snapshot)) {
    const chosen = request.from ?? looks[0]?.host.name ?? "";
    refuseWith(s3Problems(site));
    return { ...common, from: "snapshot", chosen: lookOf(looks, chosen).host.node, snapshot: request.snapshot };
  }
  const found = await findSnapshot(site, request.snapshot, request.from, looks);
  return { ...common, from: "snapshot", chosen: lookOf(looks, found.node).host.node, snapshot: found.path };
}

/** k3s cannot read a Secret while its API is down, so the keys come from the stack (k3s-io/k3s pkg/etcd/etcd.go, Reset). */
function s3Problems({ settings }: Site): string[] {
  const { s3 } = settings.k3s.snapshots;
  if (s3 === undefined) return ["k3s.snapshots.s3 is not set, so there is no way to a snapshot in S3"];
  if (s3.existingSecret === undefined) return [];
  return [
    "the keys of k3s.snapshots.s3.existingSecret are in the cluster, and cannot be read while it is restored; fetch the snapshot onto a server, and name its path and --from",
  ];
}

function namesOf({ hosts }: Pick<Site, "hosts">): string[] {
  return hosts.map(({ name }) => name);
}

function newId(): string {
  const now = new Date().toISOString().replaceAll(/\D/g, "").slice(0, 14);
  return `${now}-${randomBytes(2).toString("hex")}`;
}

/** @throws GroundworkError where no server has it, or several have one of the name. */
async function findSnapshot(
  site: Site,
  wanted: string,
  from: string | undefined,
  looks: readonly ServerLook[],
): Promise<Pick<Snapshot, "node" | "path">> {
  if (from !== undefined) serverNamed(site, from, "--from");
  const hosts = looks.map(({ host }) => host).filter(({ name }) => from === undefined || name === from);
  // A file that somebody brought lies where the list does not look.
  if (wanted.startsWith("/") && from !== undefined) return { node: from, path: wanted };
  const replies = await askAll(hosts, async (host) => snapshotsOn(site, host));
  refuseWith(replies.flatMap((reply) => ("error" in reply ? [reply.error.message] : [])));
  const all = replies.flatMap((reply) => ("error" in reply ? [] : reply.value));
  const found = all.filter(({ name, path }) => wanted === name || wanted === path);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only === undefined) {
    const where = from ?? "any server";
    const remedy = "'groundwork snapshot list' shows which there are; for a file elsewhere, write its path and --from";
    throw new GroundworkError("failed", `there is no snapshot ${wanted} on ${where}`, { remedy });
  }
  const places = found.map(({ node, path }) => `${node}: ${path}`);
  throw new GroundworkError("usage", [`several snapshots are called ${wanted}:`, ...places].join("\n  "), {
    remedy: "write the path, and the server's name with --from",
  });
}

function problemsOf(
  { settings, desired }: Site,
  restore: Restore,
  looks: readonly ServerLook[],
  begun: Unfinished | undefined,
): string[] {
  const taking = looks.filter(({ host }) => restore.servers.some(({ name }) => name === host.name));
  const absent = restore.servers.filter(({ name }) => !looks.some(({ host }) => host.name === name));
  return [
    ...absent.map(({ name }) => `${name}: takes part in the restore that was begun, and --without leaves it out`),
    ...taking.flatMap((look) => {
      const { name, version } = look.host.node;
      const say = (...parts: string[]): string[] => [`${name}: ${parts.join("")}`];
      if (look.version === "") return say("has no k3s; leave it out with --without ", name, ", and run up afterwards");
      return [
        ...(look.owner === `${desired.project}/${settings.stack}/${name}`
          ? []
          : say(
              look.owner === "" ? "has no mark of Groundwork's; run up first" : `belongs to ${look.owner}, not here`,
            )),
        // A snapshot's own version is looked at below; data that are there are of the installed one at least.
        ...(restore.from === "survivor" && minorSteps(look.version, version) < 0
          ? say(`has k3s ${look.version}, and the stack says ${version}, which cannot read its data; raise k3s.version`)
          : []),
        ...(look.isApart ? say("etcd's directory is a link or a mount, which cannot be moved aside; make it one") : []),
        ...(look.isRotating && begun === undefined
          ? say("a rotation of the server token was cut off; run up first, so that it is finished")
          : []),
        // What is copied, and what k3s writes anew.
        ...(look.freeMib >= 2 * look.dataMib + 200
          ? []
          : say(`${String(look.freeMib)} MiB are free on /var/lib, and ${String(2 * look.dataMib + 200)} are needed`)),
      ];
    }),
    ...(restore.from === "survivor" && !lookOf(looks, restore.chosen.name).hasData
      ? [`${restore.chosen.name}: has no data of etcd, so it is no survivor; name another server, or a snapshot`]
      : []),
  ];
}

/** An etcd with its quorum has lost nothing; a reset would only throw its other members out. */
async function refuseWithQuorum(looks: readonly ServerLook[]): Promise<void> {
  const answering = await kubectlOf({ hosts: looks.map(({ host }) => host) }).catch(() => undefined);
  if (answering === undefined) return;
  refuseWith([
    `${answering.host.name}: its API answers, so etcd has its quorum and needs no survivor; bring the other servers back, or set lost: true on one that is gone`,
  ]);
}

async function snapshotFacts({ settings }: Site, restore: Restore, { host }: ServerLook): Promise<SnapshotFacts> {
  const program = snapshotProgram(settings, host.node, { path: restore.snapshot });
  const facts = factsOf(await host.runProgram(program, "check_snapshot", { timeoutMs: 600_000 }));
  const fact = (name: string): string => facts.get(name) ?? "";
  return {
    bytes: Number(fact("bytes")),
    time: new Date(Number(fact("time")) * 1000).toISOString(),
    version: fact("version"),
    oldToken: fact("own_token") === "yes" ? undefined : fact("token"),
    nodes: fact("nodes")
      .split(" ")
      .filter((name) => name !== ""),
  };
}

/** etcd's data go forward only, and a minor release at a time (Kubernetes' version skew policy). */
function versionProblems({ version }: SnapshotFacts, { host }: ServerLook): string[] {
  const wanted = host.node.version;
  if (version === "") return [];
  const steps = minorSteps(version, wanted);
  if (steps < 0) {
    return [
      `${host.name}: the snapshot is of ${version}, and ${wanted}, which the stack says, cannot read newer data; raise k3s.version`,
    ];
  }
  if (steps > 1) {
    return [
      `${host.name}: the snapshot is of ${version}, and the stack's ${wanted} is ${String(steps)} minor releases newer; set k3s.version to one of its own or the next`,
    ];
  }
  return [];
}

export function lookOf(looks: readonly ServerLook[], name: string): ServerLook {
  const look = looks.find(({ host }) => host.name === name);
  if (look !== undefined) return look;
  throw new GroundworkError("failed", `${name} is the server that is to be restored, and it is left out or not there`);
}

function refuseWith(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const lines = problems.flatMap((problem) => problem.split("\n")).map((line) => `  ${line}`);
  throw new GroundworkError("failed", ["nothing was changed, for this is in the way:", ...lines].join("\n"));
}
