import { z } from "zod";
import { chartSource, dnsLabel, interfaceName } from "../../config/schema/scalars";

/** `groundwork:addons`, `metallb` */
export const metallbSchema = chartSource
  .extend({
    pools: z
      .record(
        dnsLabel,
        z.strictObject({
          addresses: z
            .array(z.string())
            .min(1)
            .describe(
              "Blocks or ranges of the site's network that nothing else uses, e.g. 192.168.10.240-192.168.10.250.",
            ),
          autoAssign: z
            .boolean()
            .default(true)
            .describe("Whether services that name no pool get an address of this one."),
          interfaces: z
            .array(interfaceName)
            .default([])
            .describe("Interfaces of the nodes on which the addresses are announced. Default: all."),
        }),
      )
      .describe("Addresses that services of type LoadBalancer get, by a name of your choice."),
  })
  .describe(
    "MetalLB: addresses of the site's own network for services of type LoadBalancer, announced by ARP and NDP.",
  );
export type MetallbSettings = z.output<typeof metallbSchema>;
