import { addressAndPort, hostPort } from "../../config/addresses";

/**
 * The address of a name server as CoreDNS and cert-manager want it: always with a port, IPv6 in brackets.
 * `9.9.9.9` → `9.9.9.9:53`, `2001:db8::1` → `[2001:db8::1]:53`, `[2001:db8::1]:5353` and `tls://9.9.9.9` stay as they are.
 */
export function resolverAddress(address: string): string {
  if (address.includes("://")) return address;
  const known = addressAndPort(address);
  if (known !== undefined) return hostPort(known.address, known.port ?? 53);
  return /:\d+$/.test(address) ? address : `${address}:53`;
}
