import { z } from "zod";
import { corednsFields } from "../../addons/coredns/settings";
import { dnsName, ipAddress } from "./scalars";

/** `groundwork:dns` */
export const dnsSchema = z.strictObject({
  upstream: z
    .array(ipAddress)
    .min(1)
    .optional()
    .describe(
      "The site's resolvers, for the nodes' pods and CoreDNS (/etc/resolv.k3s.conf, resolv-conf). Default: the host's own /etc/resolv.conf.",
    ),
  searchDomains: z.array(dnsName).default([]).describe("Search domains written beside the resolvers."),
  clusterDomain: dnsName.default("cluster.local").describe("Domain of the cluster's services (cluster-domain)."),
  ...corednsFields,
});
