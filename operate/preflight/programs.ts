import { isIP } from "node:net";
import type { Settings } from "../../config/settings";
import { uploadedArchitectures } from "../../config/upload";
import type { HostProgram } from "../../desired/host/program";
import type { DesiredNode } from "../../desired/nodes";

/** What converge is given, as far as its checks go by it. `lowered` is not: how much a finding counts is decided where it is shown. */
const SAME_FACTS = [
  ...["project", "stack", "node", "role", "k3s_version", "mirror", "interface", "upstream", "internal_ip"],
  ...[
    "flannel_backend",
    "join",
    "underlay",
    "peers",
    "packages",
    "prepare_hosts",
    "adopt",
    "api_port",
    "kernel_parameters",
    "mesh",
    "mesh_port",
    "uploaded_k3s",
  ],
  ...["open_firewall", "open_sources", "open_ports", "node_ports", "selinux"],
];

/** What of it only a server's checks ask. */
const SERVER_FACTS = ["starts_cluster", "virtual_ip", "virtual_ip_interface", "virtual_ip_own"];

/** What asks a host all that can be told of it alone, by converge's own checks and those that take longer. */
export function inspectProgram(node: DesiredNode, settings: Settings): HostProgram {
  const { nfs } = settings.storage;
  const { facts } = node.steps.host.program;
  const same = Object.fromEntries(
    [...SAME_FACTS, ...(node.role === "server" ? SERVER_FACTS : [])].flatMap((name) =>
      facts[name] === undefined ? [] : [[name, facts[name]]],
    ),
  );
  return {
    title: `look whether ${node.name} can be what it is to be`,
    facts: { ...same, asks: askedName(settings), nfs_server: nfs?.server ?? "", nfs_path: nfs?.path ?? "" },
    secrets: [],
    files: undefined,
    parts: [
      ...["report", "owner", "files", "preflight", "modules", "packages", "firewall"],
      ...["snapshot", "versions", ...(node.role === "server" ? ["virtualIp"] : [])],
      ...["prober", "probePerl", "probePython", "inspect"],
    ],
    verbs: ["inspect"],
  };
}

/** A name that the site's resolvers have to know: the mirror's, or the site's own domain, or the root. */
function askedName({ k3s, dns }: Settings): string {
  const mirror =
    k3s.mirror.startsWith("file:") || uploadedArchitectures(k3s.upload, "binary").length > 0
      ? ""
      : new URL(k3s.mirror).hostname;
  if (mirror !== "" && !mirror.startsWith("[") && isIP(mirror) === 0) return mirror;
  return dns.searchDomains[0] ?? ".";
}

/** What a probe is about; the same for all hosts. */
export interface ProbePorts {
  /** Marks this run's packets among others. */
  readonly nonce: string;
  readonly udp: readonly number[];
}

/** How long a listener lives at most, in seconds: it is ended when the probes are done, and by itself when the connection is lost. */
const LISTEN_SECONDS = 60;

/** What listens on a host for the others. */
export function listenProgram(name: string, tcp: readonly number[], { nonce, udp }: ProbePorts): HostProgram {
  return {
    title: `listen on ${name} for the other nodes`,
    facts: {
      node: name,
      nonce,
      listen_seconds: String(LISTEN_SECONDS),
      tcp_ports: tcp.join(","),
      udp_ports: udp.join(","),
    },
    secrets: [],
    files: undefined,
    parts: ["report", "prober", "probePerl", "probePython", "listen"],
    verbs: ["listen"],
  };
}

/** Another node that a host tries. */
export interface ProbeTarget {
  readonly name: string;
  readonly address: string;
  readonly tcp: readonly number[];
}

/** What tries the other nodes from a host. */
export function probeProgram(
  from: { readonly name: string; readonly interface: string | undefined; readonly mtu: number | undefined },
  targets: readonly ProbeTarget[],
  { nonce, udp }: ProbePorts,
): HostProgram {
  return {
    title: `try the other nodes from ${from.name}`,
    facts: {
      node: from.name,
      nonce,
      interface: from.interface ?? "",
      mtu: String(from.mtu ?? 1500),
      udp_ports: udp.join(","),
      targets: targets.map(({ name, address, tcp }) => `${name} ${address} ${tcp.join(",")}`).join(";"),
    },
    secrets: [],
    files: undefined,
    parts: ["report", "prober", "probePerl", "probePython", "probe"],
    verbs: ["probe"],
  };
}
