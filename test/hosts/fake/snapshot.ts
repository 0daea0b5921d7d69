import { createHash } from "node:crypto";
import type { Answer } from "../sandbox/gateway";
import type { Clock } from "./clock";
import type { Cluster } from "./cluster";
import type { Files } from "./files";
import type { K3s } from "./k3s";
import { mayAsk } from "./passwords";

/** What of the world it needs. */
interface Saving {
  readonly k3s: K3s;
  readonly files: Files;
  readonly clock: Clock;
  readonly cluster: Cluster;
}

/**
 * What a snapshot has that can be read out of it: the name under which k3s has sealed its secrets (pkg/cluster/encrypt.go,
 * keyHash), the Nodes, their k3s; and, as etcd writes it, the sum behind it (etcdutl, snapshot/v3_snapshot.go).
 */
export function snapshotBytes(cluster: Cluster): Buffer {
  const sealed = createHash("sha256").update(cluster.token).digest("hex").slice(0, 12);
  const nodes = cluster
    .nodes()
    .flatMap(({ metadata, status }) => [`/registry/minions/${metadata.name}\0`, status.nodeInfo.kubeletVersion]);
  const text = [`/bootstrap/${sealed}`, cluster.passwords.at(-1) ?? "", ...nodes, ""].join("\n");
  const data = Buffer.alloc(Math.ceil((text.length + 1) / 512) * 512);
  data.write(text);
  return Buffer.concat([data, createHash("sha256").update(data).digest()]);
}

/** `k3s etcd-snapshot save`. Like the real one it ends with 0 also where the file could not be written. */
export function saveSnapshot({ k3s, files, clock, cluster }: Saving, args: readonly string[]): Answer {
  const flag = (name: string): string | undefined => {
    const at = args.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    return at < 0 ? undefined : args[at]!.includes("=") ? args[at]!.slice(name.length + 3) : args[at + 1];
  };
  if (!files.exists("/var/lib/rancher/k3s/server/db/etcd")) {
    return { code: 1, out: "", err: 'level=fatal msg="Error: etcd datastore disabled"\n' };
  }
  if (!k3s.apiUp) return { code: 1, out: "", err: 'level=fatal msg="Error: no server"\n' };
  if (!mayAsk(files, k3s.letsIn)) return { code: 1, out: "", err: 'level=fatal msg="Error: not authorized"\n' };
  const directory = flag("dir") ?? flag("etcd-snapshot-dir") ?? "/var/lib/rancher/k3s/server/db/snapshots";
  const path = `${directory}/${flag("name") ?? "on-demand"}-${k3s.nodeName}-${clock.ahead}`;
  try {
    files.write(path, snapshotBytes(cluster), 0o600);
  } catch (error) {
    files.remove(path);
    return { code: 0, out: "", err: `level=error msg="Failed to save snapshot: ${String(error)}"\n` };
  }
  return { code: 0, out: "Snapshot saved.\n", err: "" };
}
