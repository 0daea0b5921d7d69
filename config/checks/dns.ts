import { isLoopback } from "../addresses";
import { error, warning, type Check } from "./check";

/** Why a resolver of pods cannot be the pod itself (coredns/coredns#2087). */
export const LOOP = "is a loopback address: in a pod it is the pod itself, and CoreDNS would ask itself for ever";

/** The resolvers of pods are somewhere else than in the pod. */
export const upstreamNotLoopback: Check = ({ dns }) =>
  (dns.upstream ?? []).flatMap((address, index) =>
    isLoopback(address)
      ? [
          error(
            `dns.upstream[${index}]`,
            `${address} ${LOOP}`,
            "write the address of the site's resolver, e.g. 192.168.10.1",
          ),
        ]
      : [],
  );

/** A resolv.conf has at most three name servers; the rest is left out without a word (resolv.conf(5), kubelet likewise). */
export const threeResolvers: Check = ({ dns }) => {
  const count = dns.upstream?.length ?? 0;
  return count <= 3
    ? []
    : [
        warning(
          "dns.upstream",
          `has ${count} resolvers, of which only the first three are used`,
          "write at most three",
        ),
      ];
};

export const dnsChecks: readonly Check[] = [upstreamNotLoopback, threeResolvers];
