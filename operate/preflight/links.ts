import type { Finding } from "../finding";
import type { Attempt, Probes } from "./probe";

/** TCP ports without which a cluster works, and what does not then. */
const LESS: Readonly<Record<number, string>> = {
  10_250: "metrics, and what else asks a kubelet from another node, fail",
};

/** What the probes between nodes say. */
export function linkFindings({ attempts, unprobed }: Probes, udpPort: number | undefined): Finding[] {
  const found = attempts.flatMap((attempt) => findingsOf(attempt, udpPort));
  const left = unprobed.map(({ name, why }): Finding => ({
    check: "node-reach",
    where: name,
    level: "warning",
    message: `the network between it and the other nodes was not probed: ${why}`,
    remedy: "install perl or python3 there, or try the ports by hand",
  }));
  return [...left, ...found, ...wellOf(attempts, found, udpPort)];
}

function findingsOf(attempt: Attempt, udpPort: number | undefined): Finding[] {
  const { from, to, tcp, ping, udp } = attempt;
  const where = `${from.node.name} → ${to.node.name}`;
  const over = from.interface === undefined ? "" : ` over ${from.interface}`;
  const closed = [...tcp].filter(([, state]) => state !== "open");
  const finding = (check: string, level: Finding["level"], message: string, remedy: string): Finding[] => [
    { check, where, level, message, remedy },
  ];
  if (!ping && closed.length === tcp.size && udp !== true) {
    return finding(
      "node-reach",
      "error",
      `nothing comes through to ${to.address}${over}: no ping, no TCP${udpPort === undefined ? "" : ", no UDP"}`,
      `see that ${from.interface ?? "the network"} leads there: its routes, the VPN's peers, the firewalls between; or correct the node's internalIp`,
    );
  }
  return [
    ...(ping
      ? []
      : finding(
          "node-ping",
          "warning",
          `${to.address} does not answer ping${over}`,
          "let ICMP through, without which a path's MTU is not found out; where the site filters it, lower node-ping, and set network.verifyOverlay: false if it filters the pods' too",
        )),
    ...(closed.length === 0 ? [] : closedPorts(where, to.address, closed)),
    ...(udp === false && udpPort !== undefined
      ? finding(
          "node-udp",
          "error",
          `UDP ${udpPort} does not come through to ${to.address}${over}`,
          `open UDP ${udpPort} between all nodes: ${to.answersTcp ? "flannel's packets, and with them the traffic of pods of different nodes," : "the mesh's packets, and with them all that nodes say to each other,"} go there`,
        )
      : []),
    ...(ping ? packetSize(attempt, where) : []),
  ];
}

function closedPorts(where: string, address: string, closed: readonly (readonly [number, string])[]): Finding[] {
  const shown = closed.map(([port, state]) => `${port} (${state === "silent" ? "no answer" : state})`).join(", ");
  const isLess = closed.every(([port]) => LESS[port] !== undefined);
  const why = isLess ? `; without it ${LESS[closed[0]?.[0] ?? 0] ?? ""}` : "";
  return [
    {
      check: "node-tcp",
      where,
      level: isLess ? "warning" : "error",
      message: `TCP ${shown} of ${address} cannot be reached`,
      remedy: `open TCP ${closed.map(([port]) => port).join(", ")} between the nodes${why}`,
    },
  ];
}

/** flannel takes the size of its packets from the interface; what is larger than the way lets through is lost, or cut. */
function packetSize({ from, mtu, fragments }: Attempt, where: string): Finding[] {
  const full = Math.min(from.mtu ?? 0, 65_535);
  if (full === 0 || mtu >= full) return [];
  const on = from.interface ?? "the interface";
  return [
    {
      check: "node-mtu",
      where,
      level: fragments ? "warning" : "error",
      message: `packets of more than ${mtu} bytes ${fragments ? "are cut on the way" : "are lost"}, and ${on} sends up to ${full}`,
      remedy: `set the MTU of ${on} to ${mtu} on all nodes; flannel takes its own from it`,
    },
  ];
}

/** A check, and what is right. */
type Said = [check: string, message: string];

/** What is right between all nodes, a line for each check that found nothing. */
function wellOf(attempts: readonly Attempt[], found: readonly Finding[], udpPort: number | undefined): Finding[] {
  if (attempts.length === 0 || found.some(({ check }) => check === "node-reach")) return [];
  const ports = [...new Set(attempts.flatMap(({ tcp }) => [...tcp.keys()]))].sort((a, b) => a - b);
  const nodes = `${new Set(attempts.map(({ from }) => from.node.name)).size} nodes`;
  const said: Said[] = [
    ["node-ping", `${nodes} answer one another's ping`],
    ...(ports.length === 0
      ? []
      : [["node-tcp", `TCP ${ports.join(", ")} can be reached between ${nodes}, wherever it is needed`] as Said]),
    ...(udpPort === undefined || attempts.some(({ udp }) => udp === undefined)
      ? []
      : [["node-udp", `UDP ${udpPort} comes through between ${nodes}, both ways`] as Said]),
    ...(attempts.some(({ from }) => from.mtu === undefined)
      ? []
      : [["node-mtu", `full packets come through between ${nodes}`] as Said]),
  ];
  return said
    .filter(([check]) => !found.some((finding) => finding.check === check))
    .map(([check, message]) => ({ check, where: undefined, level: "ok" as const, message, remedy: "" }));
}
