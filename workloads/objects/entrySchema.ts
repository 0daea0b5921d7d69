import { z } from "zod";
import { issuedSchema } from "../../addons/cert-manager/settings/issued";
import { dnsLabel, dnsName, port } from "../../config/schema/scalars";
import { offOr } from "./podSchema";
import { text } from "./text";

const hostName = z
  .string()
  .refine(
    (name) => dnsName.safeParse(name.replace(/^\*\./, "")).success && name === name.toLowerCase(),
    "is not a DNS name in lower case; write one like shop.example.org or *.example.org",
  );

const hosts = z.array(hostName).min(1).describe('the names that it answers for: ["shop.example.org"]');
const path = z
  .string()
  .regex(/^\/\S*$/, "is not a path; write one like /shop")
  .default("/");
const annotations = z.record(z.string(), z.string()).default({});

/** What of a certificate's settings an Ingress may say. */
export const certificateShape = issuedSchema.pick({
  duration: true,
  renewBefore: true,
  privateKey: true,
  usages: true,
});

const tls = z
  .strictObject({
    issuer: dnsLabel.optional(),
    by: z.enum(["certificate", "annotation"]).default("certificate"),
    secret: text(dnsName).optional(),
    mountAt: z
      .string()
      .regex(/^\/[^:\s]+$/, "is not the path of a directory; write one like /etc/tls")
      .optional(),
    certificate: certificateShape.prefault({}),
  })
  .refine(
    ({ issuer, secret }) => issuer !== undefined || secret !== undefined,
    "has neither an issuer nor a Secret; write issuer: the name of a ClusterIssuer, or secret: a Secret that is there",
  );

/** {@link IngressArgs} */
export const ingressSchema = z.strictObject({
  hosts,
  path,
  className: dnsName.optional(),
  annotations,
  tls: offOr(tls).describe('{ issuer: "…" }, { secret: "…" }, or false for plain HTTP'),
});

/** {@link RouteArgs} */
export const routeSchema = z.strictObject({
  hosts,
  path,
  gateway: z
    .strictObject({ name: dnsName.describe("the name of the Gateway"), namespace: dnsLabel.optional() })
    .optional(),
  listener: dnsName.optional(),
});

/** {@link ServiceArgs} */
export const serviceSchema = z.strictObject({
  port: port.default(80),
  type: z.enum(["ClusterIP", "NodePort", "LoadBalancer"]).default("ClusterIP"),
  nodePort: port.optional(),
  externalTrafficPolicy: z.enum(["Local", "Cluster"]).optional(),
  sessionAffinitySeconds: z.number().int().min(1).max(86_400).optional(),
});

export type IngressSettings = z.output<typeof ingressSchema>;
export type RouteSettings = z.output<typeof routeSchema>;
export type ServiceSettings = z.output<typeof serviceSchema>;
