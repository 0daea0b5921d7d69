import { createHash } from "node:crypto";
import { LabError } from "./error";

/** The lab that commands mean when none is named. */
export const DEFAULT_LAB = "default";

/** Label of every container, network and volume of a lab; its value is the lab's name. */
export const LAB_LABEL = "groundwork.lab";
/** Label with the directory that holds the lab's state: tells the labs of two checkouts apart. */
export const DIRECTORY_LABEL = "groundwork.lab.directory";
/** Label of a container: the node's name, or `site`. */
export const HOST_LABEL = "groundwork.lab.host";

/** The container that plays the site's resolver and artifact server. */
export const SITE = "site";
/** Interface of every host that plays the VPN. */
export const VPN_INTERFACE = "vpn0";
/** Domain that the site's resolver answers itself (RFC 6761 keeps `test` for such use). */
export const SITE_DOMAIN = "lab.test";
/** Zone of the site's name server, which the lab's TSIG key may change: a public name, as Let's Encrypt would want it. */
export const CERTIFICATE_DOMAIN = "lab.example.org";
/** Name of that key. */
export const TSIG_KEY_NAME = "lab";
/** Port of the site's name server; its resolver has 53. */
export const NAME_SERVER_PORT = 5300;
/** Names that lead to the site's ACME server inside the lab. */
export const ACME_NAMES = ["acme-v02.api.letsencrypt.org", "acme-staging-v02.api.letsencrypt.org"];
/** Most servers and agents of one lab: their addresses are in one /24. */
export const MOST_SERVERS = 9;
export const MOST_AGENTS = 200;

/** User that a stack connects as: may use sudo without a password, as on most rented servers. */
export const OPERATOR_USER = "ops";

export type Role = "server" | "agent";

/** A host that a lab should have. */
export interface HostName {
  readonly name: string;
  readonly role: Role;
  /** Last number of its addresses, in the lab's network and in the VPN. */
  readonly octet: number;
}

/**
 * The hosts of a lab: `server-1`…, then `agent-1`…. A name always has the same addresses, so a host can come and go
 * without any other host noticing.
 *
 * @throws LabError when a number is out of range.
 */
export function hostNames(servers: number, agents: number): HostName[] {
  if (!Number.isInteger(servers) || servers < 1 || servers > MOST_SERVERS) {
    throw new LabError(`--servers ${String(servers)} is not a number from 1 to ${String(MOST_SERVERS)}`);
  }
  if (!Number.isInteger(agents) || agents < 0 || agents > MOST_AGENTS) {
    throw new LabError(`--agents ${String(agents)} is not a number from 0 to ${String(MOST_AGENTS)}`);
  }
  const named = (role: Role, count: number, before: number): HostName[] =>
    Array.from({ length: count }, (_, index) => ({
      name: `${role}-${String(index + 1)}`,
      role,
      octet: before + index + 1,
    }));
  return [...named("server", servers, 10), ...named("agent", agents, 30)];
}

/** Address of the site in a lab's network, e.g. 172.30.0.2 for the prefix 172.30.0. */
export function siteAddress(prefix: string): string {
  return `${prefix}.2`;
}

/** Address of a host in the lab's network; the prefix is the first three numbers of its /24. */
export function hostAddress(prefix: string, host: Pick<HostName, "octet">): string {
  return `${prefix}.${String(host.octet)}`;
}

/** Address of a host on the VPN: the same in every lab, for each lab's VPN is inside its own network. */
export function vpnAddress(host: Pick<HostName, "octet">): string {
  return `10.77.0.${String(host.octet)}`;
}

/** @throws LabError when the name would not do as a part of the names of containers and stacks. */
export function checkLabName(name: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,18}[a-z0-9])?$/.test(name)) return name;
  throw new LabError(
    `--name ${JSON.stringify(name)} is not a lab's name`,
    "write lower-case letters, digits and '-', at most 20, e.g. ha",
  );
}

/** The stack of a lab: `lab`, or `lab-<name>`. */
export function stackName(lab: string): string {
  return lab === DEFAULT_LAB ? "lab" : `lab-${lab}`;
}

/** The lab of a stack, or undefined for a stack that is no lab's. */
export function labOfStack(stack: string): string | undefined {
  if (stack === "lab") return DEFAULT_LAB;
  return stack.startsWith("lab-") ? stack.slice("lab-".length) : undefined;
}

/** The container engine's name of a lab's container or network. */
export function dockerName(lab: string, host?: string): string {
  return host === undefined ? `groundwork-lab-${lab}` : `groundwork-lab-${lab}-${host}`;
}

/** Name of the lab's bridge on the machine: at most 15 characters (IFNAMSIZ), different for each lab and checkout. */
export function bridgeName(lab: string, directory: string): string {
  return `gwl-${createHash("sha256").update(`${lab}\0${directory}`).digest("hex").slice(0, 10)}`;
}

/** The networks that a lab tries in turn, as the first three numbers of a /24. */
export function networkPrefixes(): string[] {
  return [...Array(64).keys()].map((number) => `172.30.${String(number)}`);
}

/** Loopback addresses that a lab may publish on: the first lab gets 127.0.0.1, a second one 127.0.0.2. */
export function loopbackAddresses(): string[] {
  return [...Array(16).keys()].map((number) => `127.0.0.${String(number + 1)}`);
}
