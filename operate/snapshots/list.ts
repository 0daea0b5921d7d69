import { failureOf } from "../facts";
import { GroundworkError } from "../../config/groundworkError";
import type { Host } from "../host";
import { askAll, type Site } from "../site";
import type { Snapshot, SnapshotList } from "./model";
import { snapshotProgram } from "./programs";
import { snapshotsInS3 } from "./s3";

/** All snapshots on the servers' disks and in S3: those of k3s's schedule and Groundwork's own. Changes nothing. */
export async function listSnapshots(site: Site): Promise<SnapshotList> {
  const [replies, inS3] = await Promise.all([
    askAll(serversOf(site), async (host) => snapshotsOn(site, host)),
    snapshotsInS3(site),
  ]);
  const snapshots = [...replies.flatMap((reply) => ("error" in reply ? [] : reply.value)), ...inS3.snapshots];
  return {
    snapshots: snapshots.sort((one, other) => {
      const later = other.time.localeCompare(one.time);
      return later === 0 ? one.node.localeCompare(other.node) : later;
    }),
    silent: [
      ...replies.flatMap((reply) => ("error" in reply ? [{ node: reply.host.name, reason: reply.error.message }] : [])),
      ...inS3.silent,
    ],
  };
}

export function serversOf({ hosts }: Pick<Site, "hosts">): Host[] {
  return hosts.filter(({ node }) => node.role === "server");
}

/** @throws Error when the server is not reached, or cannot say. */
export async function snapshotsOn({ settings }: Site, host: Host): Promise<Snapshot[]> {
  const answer = await host.runProgram(snapshotProgram(settings, host.node), "list_snapshots");
  if (answer.code !== 0) throw new GroundworkError("failed", failureOf(answer));
  return answer.stdout.split("\n").flatMap((line) => {
    const [, path, bytes, seconds, version] = /^snapshot=(.+)\|(\d+)\|(\d+)\|(\S*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    const name = path.slice(path.lastIndexOf("/") + 1);
    const time = new Date(Number(seconds) * 1000).toISOString();
    return [
      { name, store: "local" as const, node: host.name, path, bytes: Number(bytes), time, version: version ?? "" },
    ];
  });
}
