import { addressAndPort, hostPort, isLoopback } from "../addresses";
import { pathText } from "../problem";
import { error, warning, type Check } from "./check";

const LOOP = "is a loopback address: in a pod it is the pod itself, and CoreDNS would ask itself for ever";

/** The resolvers of pods are somewhere else than in the pod (coredns/coredns#2087). */
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

/** The resolvers of zones are addresses, and somewhere else too. */
export const forwarders: Check = ({ dns }) =>
  Object.entries(dns.forward).flatMap(([zone, resolvers]) =>
    resolvers.flatMap((resolver, index) => {
      const path = pathText(["dns", "forward", zone, index]);
      const address = addressAndPort(resolver.replace(/^(tls|dns):\/\//, ""))?.address;
      if (address === undefined) {
        return [error(path, `"${resolver}" is not an IP address`, "write one like 10.0.0.2 or 10.0.0.2:5353")];
      }
      return isLoopback(address)
        ? [error(path, `${resolver} ${LOOP}`, "write the address of the zone's resolver, e.g. 192.168.10.1")]
        : [];
    }),
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

/** CoreDNS can only be told something where there is one. */
export const corednsThere: Check = ({ dns, k3s }) => {
  if (!k3s.disable.includes("coredns")) return [];
  return (["forward", "custom"] as const)
    .filter((key) => Object.keys(dns[key]).length > 0)
    .map((key) =>
      error(
        `dns.${key}`,
        "configures CoreDNS, but k3s.disable leaves it out",
        "take coredns out of k3s.disable, or configure your own",
      ),
    );
};

/** cert-manager refuses a resolver without a port. */
export const selfCheckResolvers: Check = ({ certificates }) =>
  certificates.dns01Nameservers.flatMap((text, index) => {
    const path = `certificates.dns01Nameservers[${index}]`;
    if (text.startsWith("https://")) return [];
    const plain = addressAndPort(text);
    if (plain !== undefined && isLoopback(plain.address)) {
      return [
        error(
          path,
          `${text} is a loopback address: in a pod it is the pod itself`,
          "write a resolver that answers for the world, e.g. 1.1.1.1:53",
        ),
      ];
    }
    if (plain !== undefined && plain.port === undefined) {
      return [error(path, `${text} has no port`, `write ${hostPort(plain.address, 53)}`)];
    }
    return /^(\[[^\]]+\]|[^:\s]+):\d{1,5}$/.test(text)
      ? []
      : [error(path, `"${text}" is not a resolver`, "write its address and port, e.g. 8.8.8.8:53")];
  });

export const dnsChecks: readonly Check[] = [
  upstreamNotLoopback,
  forwarders,
  threeResolvers,
  corednsThere,
  selfCheckResolvers,
];
