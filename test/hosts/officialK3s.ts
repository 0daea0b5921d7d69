import { k3sBinary } from "./fake/releases";
import { officialUnit } from "../officialUnit";
import { VERSION, type Host } from "./host";

/** A k3s as somebody installed it by hand. */
export interface Official {
  readonly role?: "server" | "agent";
  /** Arguments behind `server` or `agent`; the node's name is there already. */
  readonly args?: readonly string[];
  readonly version?: string;
  /** Lines of the environment file that the script writes. */
  readonly env?: readonly string[];
  /** INSTALL_K3S_NAME: `foo` gives k3s-foo.service. */
  readonly name?: string;
  readonly config?: string;
  readonly data?: "sqlite" | "etcd";
  readonly runs?: boolean;
}

const DATA = "/var/lib/rancher/k3s";

/** What k3s's official installation script (install.sh) leaves of a node that runs, in its own words and shapes. */
export function officialK3s(host: Host, official: Official = {}): void {
  const { files, systemd, k3s, cluster } = host.world;
  const { role = "server", version = VERSION, env = [], data = "sqlite", runs = true } = official;
  const args = official.args ?? ["--node-name", host.node];
  const unit = official.name === undefined ? (role === "server" ? "k3s" : "k3s-agent") : `k3s-${official.name}`;
  files.write("/usr/local/bin/k3s", k3sBinary(version), 0o755);
  for (const name of ["kubectl", "crictl", "ctr"]) files.link(`/usr/local/bin/${name}`, "k3s");
  for (const name of [`${unit}-uninstall.sh`, "k3s-killall.sh"]) {
    files.write(`/usr/local/bin/${name}`, "#!/bin/sh\nrm -rf /var/lib/rancher/k3s\n", 0o755);
  }
  files.write(`/etc/systemd/system/${unit}.service`, officialUnit(unit, role, args));
  files.write(`/etc/systemd/system/${unit}.service.env`, env.map((line) => `${line}\n`).join(""), 0o600);
  if (official.config !== undefined) files.write("/etc/rancher/k3s/config.yaml", official.config);
  files.write("/etc/rancher/node/password", `password of ${host.node}\n`, 0o600);
  files.makeDirectory(`${DATA}/agent`);
  files.write(`${DATA}/agent/server-ca.crt`, cluster.ca);
  if (role === "server") {
    // Without a token of their own, agents have the servers'.
    cluster.agentToken = cluster.token;
    cluster.isLone = data === "sqlite";
    files.write(`${DATA}/server/token`, `${cluster.pinned("server", cluster.token)}\n`, 0o600);
    files.link(`${DATA}/server/node-token`, "token");
    files.link(`${DATA}/server/agent-token`, "token");
    files.write(
      `${DATA}/server/cred/passwd`,
      `${cluster.token},node,node,k3s:agent\n${cluster.token},server,server,k3s:server\n`,
      0o600,
    );
    if (data === "sqlite") files.write(`${DATA}/server/db/state.db`, "SQLite format 3\n", 0o600);
    else files.write(`${DATA}/server/db/etcd/member`, `member ${host.node}\n`, 0o600);
  }
  systemd.unit(unit).enabled = true;
  if (!runs) return;
  systemd.start(unit);
  host.world.clock.advance(10);
  if (role === "server") k3s.ports = data === "sqlite" ? [6443, 10250] : [6443, 2379, 2380, 10250];
}

/** The stack's nodes take over what is there. k3s's own default is no encryption of Secrets. */
export function adopting(host: Host, changes: Record<string, unknown> = {}): void {
  const nodes = (host.stack["nodes"] as object[]).map((node) => ({ ...node, adopt: true }));
  const { k3s = {}, ...rest } = changes;
  const plain = { version: VERSION, secretsEncryption: false };
  host.stack = { ...host.stack, ...rest, nodes, k3s: { ...plain, ...(k3s as object) } };
}
