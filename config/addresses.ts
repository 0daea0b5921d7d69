import { BlockList, isIP } from "node:net";
import { hostAndPort } from "./schema/scalars";

/** A block of addresses, or a single one with the longest prefix. */
export interface AddressBlock {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
}

/** Reads `10.42.0.0/16`, `fd00::/56`, or a single address; undefined for anything else. */
export function addressBlock(text: string): AddressBlock | undefined {
  const [zoned = "", length] = text.split("/");
  const address = zoned.replace(/%.*/, "");
  const family = isIP(address);
  if (family !== 4 && family !== 6) return undefined;
  const bits = family === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > bits) return undefined;
  return { family, address, prefix };
}

/** 4 or 6 for an IP address or a block, undefined for anything else. */
export function familyOf(text: string): 4 | 6 | undefined {
  return addressBlock(text)?.family;
}

/** An address as Linux's own tools print it: IPv6 in its shortest form. Empty for none. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined || familyOf(address) !== 6) return address ?? "";
  return new URL(`http://[${address.replace(/%.*/, "")}]`).hostname.slice(1, -1);
}

/** A setting that takes one address or block, or one of each family. */
export type OneOrTwo = string | readonly string[];

/** All of a setting that takes one or two. */
export function each(given: OneOrTwo | undefined): readonly string[] {
  return given === undefined ? [] : [given].flat();
}

/** The primary one of a setting that takes one or two: k3s takes the first wherever it needs one. */
export function primary(given: OneOrTwo): string;
export function primary(given: OneOrTwo | undefined): string | undefined;
export function primary(given: OneOrTwo | undefined): string | undefined {
  return each(given)[0];
}

/** The one of a family, where there is one. */
export function ofFamily(given: OneOrTwo | undefined, family: 4 | 6 | undefined): string | undefined {
  return each(given).find((one) => familyOf(one) === family);
}

/** The families of a setting that takes one or two, in its order. */
export function familiesOf(given: OneOrTwo | undefined): (4 | 6)[] {
  return each(given).flatMap((one) => familyOf(one) ?? []);
}

/** `IPv4`, `IPv4 and IPv6`. */
export function familyNames(families: readonly (4 | 6)[]): string {
  return families.map((family) => `IPv${family}`).join(" and ");
}

/**
 * Whether pods and services talk IPv6, so that hosts must forward it. How a host is reached does not count: forwarding makes a
 * kernel ignore router advertisements, and with them its default route.
 */
export function usesIpv6({ network }: { readonly network: { readonly podCidr: OneOrTwo } }): boolean {
  return familiesOf(network.podCidr).includes(6);
}

/** Whether two blocks (or addresses) share an address. What is not an address shares none. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [addressBlock(one), addressBlock(other)];
  if (a === undefined || b?.family !== a.family) return false;
  // Of two blocks that share an address, one lies inside the other.
  return holds(blockList(a), b) || holds(blockList(b), a);
}

const LOOPBACK = blockList(...blocks("127.0.0.0/8", "::1/128"));

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193 and RFC 4291. */
const NOT_PUBLIC = blockList(
  ...blocks(
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
  ),
);

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  const block = addressBlock(address);
  return block !== undefined && holds(LOOPBACK, block);
}

/**
 * Whether an address is reached over the internet: an IP address outside the private, shared, link-local and loopback
 * blocks. A DNS name may be either; it counts as not public.
 */
export function isPublicAddress(address: string): boolean {
  const block = addressBlock(address);
  return block !== undefined && !holds(LOOPBACK, block) && !holds(NOT_PUBLIC, block);
}

/** A host as URLs and `host:port` have it: an IPv6 address in brackets. */
export function urlHost(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

/** `10.0.0.1:53`, `[2001:db8::1]:53`, `ns1.example.org:53`. */
export function hostPort(host: string, port: number): string {
  return `${urlHost(host)}:${port}`;
}

/** The port of the Kubernetes API on every server, where `cluster.apiPort` names no other. */
export const DEFAULT_API_PORT = 6443;

/** The host of an API's address; the text itself where it is none. */
export function hostOf(text: string): string;
export function hostOf(text: string | undefined): string | undefined;
export function hostOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (hostAndPort(text)?.host ?? text);
}

/** Takes `10.0.0.1:53`, `10.0.0.1`, `[::1]:53` or `::1` apart; undefined when the host is not an IP address. */
export function addressAndPort(text: string): { address: string; port: number | undefined } | undefined {
  if (isIP(text) !== 0) return { address: text, port: undefined };
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+))(?::(?<port>\d{1,5}))?$/.exec(text);
  const address = match?.groups?.["six"] ?? match?.groups?.["four"] ?? "";
  const port = match?.groups?.["port"];
  if (isIP(address) === 0 || (port !== undefined && (Number(port) < 1 || Number(port) > 65535))) return undefined;
  return { address, port: port === undefined ? undefined : Number(port) };
}

function blocks(...texts: readonly string[]): AddressBlock[] {
  return texts.flatMap((text) => addressBlock(text) ?? []);
}

function blockList(...of: readonly AddressBlock[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix, family } of of) list.addSubnet(address, prefix, `ipv${family}`);
  return list;
}

function holds(list: BlockList, { address, family }: AddressBlock): boolean {
  return list.check(address, `ipv${family}`);
}
