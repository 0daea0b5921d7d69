import type { DesiredNode } from "../../desired/nodes";
import type { Finding } from "../finding";
import { error, ok, warning } from "./finding";
import type { HostHealth } from "./host";

const DAY_MS = 86_400_000;
/** Certificates that end sooner are a warning. */
const DAYS_AHEAD = 60;
/** etcd's own limit of what it calls a clock difference (etcd: server/etcdserver/api/rafthttp/probing_status.go). */
const CLOCK_SECONDS = 1;
/** Beyond it tokens and certificates are taken for not valid yet, or not any more. */
const CLOCK_SECONDS_AT_MOST = 60;

/** A host that was asked. */
export interface AskedHost {
  readonly node: DesiredNode;
  readonly health: HostHealth;
}

/** What of the hosts themselves is not well. Pure. */
export function checkHosts(hosts: readonly AskedHost[], now: Date): Finding[] {
  return [
    ...hosts.flatMap(({ node, health }) => [
      ...checkUnit(node.name, health),
      ...checkDisk(node.name, health),
      ...checkCertificates(node.name, health, now),
      ...checkLeft(node.name, health),
    ]),
    ...checkMesh(hosts),
    ...checkClocks(hosts),
  ];
}

function checkUnit(name: string, { unit }: HostHealth): Finding[] {
  if (unit.active === "active") return [];
  return [
    error(
      "service",
      name,
      `${unit.name} is ${unit.active}`,
      `groundwork node logs ${name}; groundwork drift --repair and up start it`,
    ),
  ];
}

/** The kubelet evicts pods below 5 % (imagefs 15 %; kubernetes.io: node-pressure eviction), and etcd fails with none. */
function checkDisk(name: string, { disk }: HostHealth): Finding[] {
  const percent = disk.all === 0 ? 100 : (disk.free * 100) / disk.all;
  const size = `${gib(disk.free)} of ${gib(disk.all)} GiB free for ${disk.place}`;
  const remedy = "remove what is not needed there, or give it a larger disk";
  const findings: Finding[] = [];
  if (percent < 5) findings.push(error("disk", name, size, remedy));
  else if (percent < 15) findings.push(warning("disk", name, size, remedy));
  else findings.push(ok("disk", name, size));
  if (disk.inodes !== undefined && disk.inodes < 5) {
    findings.push(error("disk", name, `${String(disk.inodes)} % of the inodes free for ${disk.place}`, remedy));
  }
  return findings;
}

function gib(kib: number): string {
  return (kib / 1024 / 1024).toFixed(1);
}

function checkCertificates(name: string, { certificates }: HostHealth, now: Date): Finding[] {
  const unread = certificates.filter(({ endsAt }) => endsAt === undefined);
  const read = certificates.flatMap(({ path, endsAt, isAuthority }) =>
    endsAt === undefined ? [] : [{ path, isAuthority, days: Math.floor((endsAt.getTime() - now.getTime()) / DAY_MS) }],
  );
  const ending = read.filter(({ days }) => days < DAYS_AHEAD).sort((one, other) => one.days - other.days);
  const findings = unread.map(({ path }) => warning("certificate", name, `${path} cannot be read as a certificate`));
  for (const isAuthority of [false, true]) {
    const [first, ...others] = ending.filter((each) => each.isAuthority === isAuthority);
    if (first === undefined) continue;
    const more = others.length === 0 ? "" : ` and ${String(others.length)} more`;
    const message = `${first.path}${more} ${first.days < 0 ? `ended ${days(-first.days)} ago` : `ends in ${days(first.days)}`}`;
    // docs.k3s.io/cli/certificate: k3s renews its own at a start, from 120 days before they end on.
    const remedy = isAuthority
      ? "renew the cluster's own authorities by 'k3s certificate rotate-ca' (docs.k3s.io/cli/certificate)"
      : `groundwork node reboot ${name}, or restart k3s there: k3s renews them at its start`;
    findings.push((first.days < 0 ? error : warning)("certificate", name, message, remedy));
  }
  if (findings.length > 0 || read.length === 0) return findings;
  const least = Math.min(...read.map(({ days: left }) => left));
  return [ok("certificate", name, `k3s's own certificates are valid for ${days(least)} and more`)];
}

export function days(count: number): string {
  return count === 1 ? "1 day" : `${String(count)} days`;
}

function checkLeft(name: string, { left }: HostHealth): Finding[] {
  return left.map((what) => {
    if (what === "leaving") {
      return error(
        "cut-off",
        name,
        "it began to leave the cluster, and that was cut off",
        "run up: it ends the leave, or brings the node back",
      );
    }
    if (what === "adopting") return error("cut-off", name, "the take-over of its k3s was cut off", "run up again");
    return warning(
      "cut-off",
      name,
      "a change was written and k3s not restarted for it",
      "groundwork drift --repair, then up",
    );
  });
}

/** Two peers that are well shake hands at least every 180 s (wireguard.com/protocol, REJECT_AFTER_TIME). */
const SILENT_SECONDS = 300;

/** Nodes that do not hear of each other; what else is a peer may be switched off. */
function checkMesh(hosts: readonly AskedHost[]): Finding[] {
  const names = new Set(hosts.map(({ node }) => node.name));
  const meshed = hosts.flatMap(({ node: { name, interface: link = "" }, health: { mesh } }) =>
    mesh === undefined ? [] : [{ name, link, mesh }],
  );
  const findings = meshed.flatMap(({ name, link, mesh }) => {
    const restart = `systemctl restart wg-quick@${link}`;
    if (!mesh.isThere) return [error("mesh", name, `its interface ${link} is gone`, `${restart} there`)];
    const silent = [...mesh.silentFor].filter(
      ([peer, ago]) => names.has(peer) && (ago === "never" || ago > SILENT_SECONDS),
    );
    if (silent.length === 0) return [];
    const who = silent.map(([peer, ago]) => `${peer} ${ago === "never" ? "ever" : `for ${String(ago)} s`}`).join(", ");
    const remedy = "open network.wireguard.port (UDP) on the way, or correct nodes[].wireguard.endpoint";
    return [error("mesh", name, `it has not heard of ${who} in the mesh`, remedy)];
  });
  if (findings.length > 0 || meshed.length < 2) return findings;
  return [ok("mesh", undefined, `${String(meshed.length)} nodes hear of each other in the mesh`)];
}

/** Each clock against the middle one: ours may be the one that is wrong. */
function checkClocks(hosts: readonly AskedHost[]): Finding[] {
  const sorted = hosts.map(({ health }) => health.clock.ahead).sort((one, other) => one - other);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined || hosts.length < 2) return [];
  return hosts.flatMap(({ node, health }) => {
    const apart = Math.abs(health.clock.ahead - middle) - health.clock.within;
    if (apart <= CLOCK_SECONDS) return [];
    const ahead = health.clock.ahead > middle;
    const message = `its clock is ${apart.toFixed(1)} s ${ahead ? "ahead of" : "behind"} the others'`;
    const finding = apart > CLOCK_SECONDS_AT_MOST ? error : warning;
    return [finding("clock", node.name, message, "let systemd-timesyncd or chrony set it (timedatectl status)")];
  });
}
