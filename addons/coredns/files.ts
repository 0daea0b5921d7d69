import type { Settings } from "../../config/settings";
import { resolverAddress } from "../resolverAddress";

/** The file that our zones are in; CoreDNS of k3s imports every `*.server` beside its own server block. */
export const FORWARD_FILE = "groundwork-forward.server";

/**
 * Files of the `coredns-custom` ConfigMap that k3s mounts into CoreDNS and its Corefile imports
 * (https://docs.k3s.io/networking/networking-services#coredns-custom-configuration-imports).
 * Empty when nothing is set.
 */
export function corednsFiles(dns: Pick<Settings["dns"], "forward" | "custom">): Record<string, string> {
  const blocks = Object.entries(dns.forward).map(([zone, resolvers]) => forwardBlock(zone, resolvers));
  return { ...(blocks.length > 0 ? { [FORWARD_FILE]: blocks.join("") } : {}), ...dns.custom };
}

/** A server block of its own for a zone: asked of its resolvers in turn, answers kept for at most 30 s as k3s does. */
function forwardBlock(zone: string, resolvers: readonly string[]): string {
  return [
    `${zone.toLowerCase()}:53 {`,
    "    errors",
    "    cache 30",
    `    forward . ${resolvers.map(resolverAddress).join(" ")}`,
    "}",
    "",
  ].join("\n");
}
