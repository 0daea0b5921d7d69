import { isIP } from "node:net";

/** A block of addresses as numbers: first and last one, and 4 or 6. */
export interface AddressBlock {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefix: number;
}

/** Reads `10.42.0.0/16`, `fd00::/56`, or a single address; undefined for anything else. */
export function addressBlock(text: string): AddressBlock | undefined {
  const [address = "", length] = text.split("/");
  const family = isIP(address);
  if (family !== 4 && family !== 6) return undefined;
  const bits = family === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > bits) return undefined;
  const size = 1n << BigInt(bits - prefix);
  const number = family === 4 ? ipv4Number(address) : ipv6Number(address);
  const first = (number / size) * size;
  return { family, first, last: first + size - 1n, prefix };
}

/** 4 or 6 for an IP address or a block, undefined for anything else. */
export function familyOf(text: string): 4 | 6 | undefined {
  return addressBlock(text)?.family;
}

/** What `usesIpv6` reads of a stack's settings. */
interface Addressed {
  readonly network: { readonly podCidr: string; readonly serviceCidr: string };
  readonly nodes: readonly { readonly internalIp?: string | undefined }[];
}

/**
 * Whether pods or nodes talk IPv6 inside the cluster, so that hosts must forward it. How a host is reached by SSH or from
 * outside does not count: forwarding makes a kernel ignore router advertisements, and with them its default route.
 */
export function usesIpv6({ network, nodes }: Addressed): boolean {
  const inside = [network.podCidr, network.serviceCidr, ...nodes.map((node) => node.internalIp ?? "")];
  return inside.some((text) => familyOf(text) === 6);
}

/** Whether two blocks (or addresses) share an address. What is not an address shares none. */
export function overlap(one: string, other: string): boolean {
  const a = addressBlock(one);
  const b = addressBlock(other);
  if (a === undefined || b?.family !== a.family) return false;
  return a.first <= b.last && b.first <= a.last;
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return ["127.0.0.0/8", "::1/128", "::ffff:127.0.0.0/104"].some((block) => overlap(address, block));
}

/**
 * Whether an address is reached over the internet: an IP address outside the private, shared, link-local and loopback
 * blocks (RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291). A DNS name may be either; it counts as not public.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const inside = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
  ];
  return !isLoopback(address) && !inside.some((block) => overlap(address, block));
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

function ipv4Number(address: string): bigint {
  return address.split(".").reduce((number, byte) => number * 256n + BigInt(byte), 0n);
}

function ipv6Number(address: string): bigint {
  const [plain = ""] = address.split("%");
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  const four = dotted === null ? undefined : ipv4Number(dotted[2] ?? "");
  const text =
    four === undefined ? plain : `${dotted?.[1]}${(four >> 16n).toString(16)}:${(four & 0xffffn).toString(16)}`;
  const [head = "", tail] = text.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const left = groups(head);
  const right = groups(tail ?? "");
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...middle, ...right].reduce((number, group) => number * 65536n + BigInt(`0x${group}`), 0n);
}
