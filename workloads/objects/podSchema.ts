import { z } from "zod";
import { dnsLabel, dnsName, port, seconds } from "../../config/schema/scalars";
import { isLabelValue, isQualifiedName } from "../../config/schema/kubernetesNames";
import { isPinnedImage } from "../../config/image";
import { quantityOf } from "../../config/quantity";
import { text } from "./text";

const word = z.string().min(1, "is empty; write a value");

/** Off with `false`. What is meant stands behind, where problems are looked for. */
export const offOr = <T extends z.ZodType>(schema: T): z.ZodUnion<[z.ZodLiteral<false>, T]> =>
  z.union([z.literal(false), schema]);

/** An image that is the same tomorrow. */
export const pinnedImage = z
  .string()
  .regex(/^\S+$/, "is not an image; write one like registry.example.org/shop:1.4.2")
  .refine(
    isPinnedImage,
    "is not pinned, so that each node may run another; write a tag other than latest, or a digest (@sha256:…)",
  );

const quantity = z
  .string()
  .refine((amount) => (quantityOf(amount) ?? 0) > 0, "is not an amount; write one like 100m (CPU) or 256Mi (memory)");

const path = z.string().regex(/^\/\S*$/, "is not a path; write one like /healthz");

const probe = z
  .strictObject({
    path: path.optional(),
    tcp: z.literal(true).optional(),
    command: z.array(word).min(1).optional(),
    port: port.optional(),
    periodSeconds: seconds.default(10),
    timeoutSeconds: seconds.default(2),
    failures: z.number().int().min(1).optional(),
  })
  .refine(
    (given) => [given.path, given.tcp, given.command].filter((way) => way !== undefined).length === 1,
    'asks in none or in several ways; write one of path: "/healthz", tcp: true and command: ["…"]',
  );

const HOW = 'how it is asked: { path: "/healthz" }, { tcp: true } or { command: ["…"] }';

function shutdownSchema(preStopSeconds: number) {
  return z.strictObject({
    preStopSeconds: z.number().int().min(0).default(preStopSeconds),
    graceSeconds: seconds.default(30),
  });
}

/** Required, unless a workload switches them off. */
export const probes = offOr(
  z.strictObject({
    readiness: probe.describe(HOW),
    liveness: probe.optional(),
    startup: probe.optional(),
  }),
).describe('{ readiness: { path: "/healthz" } }, or false if nothing can tell whether it works');

const mount = z
  .strictObject({
    secret: text(dnsName).optional(),
    configMap: text(dnsName).optional(),
    claim: text(dnsName).optional(),
    scratch: z.literal(true).optional(),
  })
  .refine(
    ({ secret, configMap, claim, scratch }) =>
      [secret, configMap, claim, scratch].filter((source) => source !== undefined).length === 1,
    "has none or several sources; write one of secret, configMap, claim and scratch: true",
  );

const mountPath = z.string().regex(/^\/[^:\s]+$/, "is not the path of a directory; write one like /etc/shop");

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not the name of a variable; write letters, digits and '_', e.g. DATABASE_URL");

const variables = z.record(variable, text(z.string("is not text; write it in quotes"))).default({});

const labels = z
  .record(
    z.string().refine(isQualifiedName, "is not a label's name; write one like example.org/team"),
    z.string().refine(isLabelValue, "is not a label's value; write at most 63 letters, digits, '-', '_' and '.'"),
  )
  .default({});

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(["Exists", "Equal"]).optional(),
  value: z.string().optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
  tolerationSeconds: z.number().int().min(0).optional(),
});

/** {@link Shutdown} */
export const shutdown = (preStopSeconds: number): z.ZodPrefault<ReturnType<typeof shutdownSchema>> =>
  shutdownSchema(preStopSeconds).prefault({});

/** {@link PodArgs} */
export const podShape = {
  namespace: text(dnsLabel).describe("the namespace that its objects are in"),
  image: text(pinnedImage).describe("the image with its tag: registry.example.org/shop:1.4.2"),
  command: z.array(word).min(1).optional(),
  args: z.array(z.string()).optional(),
  env: variables,
  secretEnv: variables,
  resources: z
    .strictObject({
      cpu: quantity.describe("the CPU of each pod: 100m"),
      memory: quantity.describe("the memory of each pod: 256Mi"),
      cpuLimit: quantity.optional(),
      memoryLimit: quantity.optional(),
    })
    .describe('{ cpu: "100m", memory: "256Mi" }'),
  mounts: z.record(mountPath, mount).default({}),
  security: offOr(
    z.strictObject({
      user: z.number().int().min(1, "is root; write the id of another user, e.g. 1000").optional(),
      group: z.number().int().min(1).optional(),
      readOnlyRoot: z.boolean().default(false),
      capabilities: z
        .array(z.string().regex(/^(?!CAP_|ALL$)[A-Z_]+$/, "is not a capability; write one like NET_BIND_SERVICE"))
        .default([]),
    }),
  ).prefault({}),
  shutdown: shutdown(5),
  serviceAccount: text(dnsName).optional(),
  apiToken: z.boolean().default(false),
  imagePullSecrets: z.array(dnsName).default([]),
  nodeSelector: labels,
  tolerations: z.array(toleration).default([]),
  labels,
  podAnnotations: z.record(word, z.string()).default({}),
};

/** {@link ResilienceArgs} */
export const resilienceShape = {
  failoverSeconds: offOr(z.number().int().min(0)).default(30),
  spread: offOr(z.enum(["soft", "hard"])).default("soft"),
  budget: z.boolean().default(true),
};

/** {@link PodArgs}, complete. */
export type Pod = z.output<z.ZodObject<typeof podShape>>;
/** {@link ResilienceArgs}, complete. */
export type Resilience = z.output<z.ZodObject<typeof resilienceShape>>;
export type ProbeSettings = z.output<typeof probe>;
export type ProbesSettings = z.output<typeof probes>;
