import { Document, type YAMLMap, type YAMLSeq, isMap } from "yaml";
import { addressBlock } from "../../config/addresses";
import type { Found } from "./look";

/** What a first stack file is made of. */
export interface FirstStack {
  readonly stack: string;
  readonly hosts: readonly (Found & { readonly name: string })[];
  /** The interface that the nodes are to use, where somebody named one. */
  readonly interface: string | undefined;
}

const VPN = /^(wg|tun|tap|tailscale|zt|nebula|vpn|ppp)/;

/** Interfaces that look like a VPN's. */
export function vpnInterfaces({ addresses }: Pick<Found, "addresses">): string[] {
  return [...new Set(addresses.map(({ on }) => on).filter((on) => VPN.test(on)))];
}

/** The text of a stack's first file: what is needed, what was found beside it as comments, and what to look at next. */
export function firstStackFile(first: FirstStack): string {
  const { hosts, stack } = first;
  const [main] = hosts;
  if (main === undefined) throw new Error("a stack needs a host");
  const user = mostCommon(hosts.map(({ requested }) => requested.user));
  const ports = hosts.map(({ requested }) => requested.port);
  // Where each has a port of its own, none of them is the stack's.
  const port = new Set(ports).size === ports.length && ports.length > 1 ? 22 : mostCommon(ports);
  const resolvers = new Set(hosts.map((host) => host.resolvers.join(" ")));
  const upstream = resolvers.size === 1 ? main.resolvers : [];
  const document = new Document({
    config: {
      "groundwork:cluster": { name: clusterName(stack) },
      "groundwork:nodes": hosts.map((host) => nodeEntry(host, first, { user, port })),
      ...(first.interface === undefined ? {} : { "groundwork:network": { interface: first.interface } }),
      ...(upstream.length === 0 ? {} : { "groundwork:dns": { upstream } }),
      "groundwork:ssh": { user, ...(port === 22 ? {} : { port }) },
    },
  });
  document.commentBefore = [
    ` Stack ${stack}: made by 'groundwork init', and yours from now on. Every setting is in docs/configuration.md.`,
    ` Secrets are set with 'pulumi config set --secret'; this file never has one in plain text.`,
  ].join("\n");
  commentHosts(document, hosts);
  commentNetwork(document, first, upstream);
  return document.toString({ lineWidth: 0 });
}

function nodeEntry(
  host: Found & { readonly name: string },
  { interface: wanted }: FirstStack,
  common: { readonly user: string; readonly port: number },
): Record<string, unknown> {
  const { requested, addresses, defaultInterface, hostKey } = host;
  const internal = addresses.find(({ on }) => on === (wanted ?? defaultInterface))?.address;
  // Behind a forwarded port or on another network, the others reach it elsewhere than SSH does.
  const isElsewhere = wanted !== undefined || !addresses.some(({ address }) => address === requested.address);
  const isAddress = addressBlock(requested.address) !== undefined;
  const ssh = {
    ...(requested.port === common.port ? {} : { port: requested.port }),
    ...(requested.user === common.user ? {} : { user: requested.user }),
  };
  return {
    name: host.name,
    role: requested.role,
    address: requested.address,
    ...(internal !== undefined && isElsewhere && (wanted !== undefined || isAddress) ? { internalIp: internal } : {}),
    hostKey: hostKey.text,
    ...(Object.keys(ssh).length === 0 ? {} : { ssh }),
  };
}

function commentHosts(document: Document, hosts: FirstStack["hosts"]): void {
  const nodes = document.getIn(["config", "groundwork:nodes"]) as YAMLSeq<YAMLMap>;
  hosts.forEach((host, at) => {
    const entry = nodes.items[at];
    if (!isMap(entry)) return;
    const interfaces = host.addresses.map(
      ({ address, on }) => `${address} on ${on}${VPN.test(on) ? " (a VPN's)" : ""}`,
    );
    entry.commentBefore = [
      ` ${host.os}, ${host.arch}, ${host.cpus} CPUs, ${gib(host.memoryMib)} GiB of memory, ${gib(host.freeMib)} GiB free${host.disks === "" ? "" : `; disks: ${host.disks}`}`,
      ` ${interfaces.join(", ")}; host key ${host.hostKey.fingerprint}`,
      ...(host.k3s === ""
        ? []
        : [` It has a k3s already (${host.k3s}): 'adopt: true' takes it over with its cluster.`]),
    ].join("\n");
  });
}

function commentNetwork(
  document: Document,
  { hosts, interface: wanted }: FirstStack,
  upstream: readonly string[],
): void {
  const config = document.get("config") as YAMLMap;
  const shared = vpnInterfaces(hosts[0] ?? { addresses: [] }).filter((on) =>
    hosts.every((host) => vpnInterfaces(host).includes(on)),
  );
  const notes: string[] = [];
  if (wanted === undefined && shared.length > 0) {
    notes.push(
      ` Every machine has the interface ${shared.join(" and ")}, which looks like a VPN's. For the nodes' traffic to go over it, write`,
      ` its address on each node as internalIp, and:`,
      `   groundwork:network:`,
      `     interface: ${shared[0] ?? ""}`,
    );
  }
  if (upstream.length === 0) {
    notes.push(
      ` The machines do not name the same resolvers, or name themselves only. Where the site has its own:`,
      `   groundwork:dns:`,
      `     upstream: [192.168.1.1]`,
    );
  }
  notes.push(
    ` Not set here: storage, ingress, certificates, namespaces. Pulumi.dev.yaml shows them, docs/configuration.md lists them.`,
  );
  config.comment = notes.join("\n");
}

function clusterName(stack: string): string {
  const name = stack
    .toLowerCase()
    .replaceAll(/[^-a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 63);
  return name === "" ? "cluster" : name;
}

function mostCommon<T>(values: readonly T[]): T {
  const count = (value: T): number => values.filter((each) => each === value).length;
  return [...values].sort((a, b) => count(b) - count(a))[0] as T;
}

function gib(mib: number): string {
  return (mib / 1024).toFixed(mib < 10_240 ? 1 : 0);
}
