import { addressAndPort, isLoopback } from "../../config/addresses";
import { error } from "../../config/checks/check";
import { LOOP } from "../../config/checks/dns";
import { pathText } from "../../config/problem";
import type { AddonCheck } from "../addon";

/** The resolvers of zones are addresses, and somewhere else too. */
export const forwarders: AddonCheck = ({ dns }) =>
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

/** CoreDNS can only be configured where there is one. */
export const corednsThere: AddonCheck = ({ dns, k3s }) => {
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

export const corednsChecks: readonly AddonCheck[] = [forwarders, corednsThere];
