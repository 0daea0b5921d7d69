import { createHash } from "node:crypto";
import { parse } from "yaml";
import type { Answer } from "../sandbox/gateway";
import type { Clock } from "./clock";
import type { Cluster } from "./cluster";
import type { Files } from "./files";
import { memberText, type K3s } from "./k3s";

/** What of the world it needs. */
interface Resetting {
  readonly k3s: K3s;
  readonly files: Files;
  readonly clock: Clock;
  readonly cluster: Cluster;
}

const DATA = "/var/lib/rancher/k3s/server";

/**
 * `k3s server --cluster-reset`, which ends by itself (k3s-io/k3s pkg/cli/server/server.go, pkg/cluster/managed.go,
 * pkg/etcd/etcd.go, Reset and Restore). The token is looked at last, with the data in place already.
 */
export function resetCluster({ k3s, files, clock, cluster }: Resetting, args: readonly string[]): Answer {
  const flag = (name: string): string | undefined => {
    const at = args.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    return at < 0 ? undefined : args[at]!.includes("=") ? args[at]!.slice(name.length + 3) : args[at + 1];
  };
  const fatal = (why: string): Answer => ({ code: 1, out: "", err: `level=fatal msg="${why}"\n` });
  const config = configOf(files, flag("config") ?? "/etc/rancher/k3s/config.yaml");
  if (k3s.apiUp) return fatal("listen tcp :6443: bind: address already in use");
  if (config["server"] !== undefined) {
    return fatal(
      "cannot perform cluster-reset while server URL is set - remove server from configuration before resetting",
    );
  }
  const name = String(config["node-name"]);
  const snapshot = flag("cluster-reset-restore-path");
  if (snapshot === undefined && files.exists(`${DATA}/db/reset-flag`)) {
    return fatal("cluster-reset was successfully performed, please remove the cluster-reset flag");
  }
  const bytes = snapshot === undefined ? undefined : files.bytes(snapshot);
  if (snapshot !== undefined && bytes === undefined) return fatal(`etcd: snapshot path does not exist: ${snapshot}`);
  if (snapshot === undefined && !files.exists(`${DATA}/db/etcd/member`)) return fatal("no data of etcd");
  // A reset that is done again before another server joined makes the same of the same data.
  const isAgain =
    files.read(`${DATA}/db/etcd/member`) === memberText(name, cluster) &&
    cluster.resets > 0 &&
    cluster.etcd.size === 1 &&
    cluster.etcd.has(name);
  // What is there is kept beside it, the oldest of six gone (pkg/etcd/etcd.go, backupDirWithRetention).
  if (snapshot !== undefined && files.exists(`${DATA}/db/etcd`)) {
    files.remove(`${DATA}/db/etcd-old-${String(clock.ahead)}`);
    files.move(`${DATA}/db/etcd`, `${DATA}/db/etcd-old-${String(clock.ahead)}`);
  }
  const next = cluster.resets + (isAgain ? 0 : 1);
  files.write(`${DATA}/db/reset-flag`, "", 0o600);
  files.write(`${DATA}/db/etcd/member`, memberText(name, { resets: next }), 0o600);
  const text = bytes?.toString("latin1") ?? "";
  const given = (files.read(String(config["token-file"])) ?? "").trim().split(":").at(-1)!;
  const sealed = createHash("sha256").update(given).digest("hex").slice(0, 12);
  const opens = bytes === undefined ? given === cluster.token : text.startsWith(`/bootstrap/${sealed}\n`);
  if (!opens) {
    return fatal(
      "starting kubernetes: preparing server: bootstrap data already found and encrypted with different token",
    );
  }
  const passwords =
    bytes === undefined ? (cluster.passwords.at(-1) ?? "") : text.split("\n").slice(1, 3).join("\n") + "\n";
  files.write(`${DATA}/cred/passwd`, passwords, 0o600);
  cluster.resets = next;
  cluster.etcd.clear();
  cluster.etcd.add(name);
  cluster.token = given;
  cluster.passwords = [passwords];
  const said = "Managed etcd cluster membership has been reset, restart without --cluster-reset flag now.";
  return { code: 0, out: "", err: `level=info msg="${said}"\n` };
}

function configOf(files: Files, path: string): Record<string, unknown> {
  const parts = files.list(`${path}.d`).map((name) => `${path}.d/${name}`);
  const read = [path, ...parts].map((file) => parse(files.read(file) ?? "") as object | null);
  return Object.assign({}, ...read) as Record<string, unknown>;
}
