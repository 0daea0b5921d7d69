import { z } from "zod";
import { dnsName } from "../../config/schema/scalars";

/** What `groundwork:dns` says of CoreDNS. */
export const corednsFields = {
  forward: z
    .record(dnsName, z.array(z.string()).min(1))
    .default({})
    .describe(
      "Zones that CoreDNS asks elsewhere: zone to the resolvers' addresses (with port where it is not 53). Written into the coredns-custom ConfigMap.",
    ),
  custom: z
    .record(
      z
        .string()
        .regex(
          /^[-._a-zA-Z0-9]+\.(override|server)$/,
          "is not a file that CoreDNS imports; name it *.override or *.server",
        ),
      z.string(),
    )
    .default({})
    .describe("Further files of the coredns-custom ConfigMap: *.override or *.server to CoreDNS configuration."),
};
