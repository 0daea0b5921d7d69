import { z } from "zod";
import type { Problem } from "../../config/problem";
import { port } from "../../config/schema/scalars";
import { checkEntry, checkName, checkPod, checkProbes, checkService } from "./checks";
import { budgetObject, ingressObjects, routeObject, serviceObject, tlsSecretOf } from "./entry";
import type { IngressArgs, RouteArgs, ServiceArgs } from "./entryArgs";
import { ingressSchema, routeSchema, serviceSchema } from "./entrySchema";
import type { ClusterFacts } from "./facts";
import { labelsOf, placementOf, podTemplate, selectorOf } from "./pod";
import type { PodArgs, Probes, ResilienceArgs } from "./podArgs";
import { podShape, probes, resilienceShape } from "./podSchema";
import { readArguments } from "./problems";
import type { Field, WorkloadObject } from "./text";

/** What a web application is to be. */
export interface WebAppSettings extends PodArgs, ResilienceArgs {
  /** Port that the process listens on. Required. */
  readonly port: number;
  /** @default 2 */
  readonly replicas?: number;
  /** How it is known that it works; false: nothing can tell, and a pod counts as soon as its process runs. Required. */
  readonly probes: Probes | false;
  /**
   * How a new version comes: pod by pod while the others go on, or all at once after the old ones have ended, for what
   * cannot run beside itself.
   *
   * @default "rolling"
   */
  readonly rollout?: "rolling" | "recreate";
  /** @default A ClusterIP on port 80. */
  readonly service?: ServiceArgs;
  /** @default It is not reached from outside by an Ingress. */
  readonly ingress?: IngressArgs;
  /** @default It is not reached from outside by a Gateway. */
  readonly route?: RouteArgs;
}

const schema = z.strictObject({
  ...podShape,
  ...resilienceShape,
  port: port.describe("the port that the process listens on"),
  replicas: z.number().int().min(1).default(2),
  probes,
  rollout: z.enum(["rolling", "recreate"]).default("rolling"),
  service: serviceSchema.prefault({}),
  ingress: ingressSchema.optional(),
  route: routeSchema.optional(),
});

type WebApp = z.output<typeof schema>;

/** What could be read of the arguments of a web application, and everything that is wrong with them. */
export function readWebApp(
  name: string,
  given: WebAppSettings,
  facts: ClusterFacts,
): { readonly app: WebApp; readonly problems: readonly Problem[] } {
  const { value, problems } = readArguments(schema, given);
  return {
    // Complete where there is no problem.
    app: value as WebApp,
    problems: [
      ...checkName(name),
      ...problems,
      ...checkPod(value, facts),
      ...checkProbes(value.probes, value.port === undefined ? undefined : [value.port]),
      ...checkService(value.service),
      ...checkEntry(value, facts),
      ...checkMounts(value),
    ],
  };
}

function checkMounts({ mounts = {}, ingress }: Partial<WebApp>): Problem[] {
  const at = ingress?.tls === false ? undefined : ingress?.tls.mountAt;
  if (at === undefined || !Object.hasOwn(mounts, at)) return [];
  return [
    { path: "ingress.tls.mountAt", problem: `is ${at}, which stands under mounts, too`, remedy: "write another" },
  ];
}

/**
 * The objects of a web application: a Deployment, a Service, a PodDisruptionBudget for two replicas and more, and an Ingress
 * with its Certificate or an HTTPRoute.
 *
 * @param secretName The Secret of `secretEnv`.
 */
export function webAppObjects(name: string, app: WebApp, facts: ClusterFacts, secretName?: Field): WorkloadObject[] {
  const { replicas, rollout, service, ingress, route, port: containerPort } = app;
  const metadata = { name, namespace: app.namespace, labels: labelsOf(name, app) };
  const kind = {
    ports: [{ name: "http", port: containerPort }],
    probes: app.probes,
    spec: placementOf(name, replicas, app, "pod-template-hash"),
  };
  return [
    {
      part: "",
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: selectorOf(name) },
        strategy:
          rollout === "recreate"
            ? { type: "Recreate" }
            : { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: podTemplate(name, withCertificate(name, app), kind, secretName),
      },
    },
    serviceObject(metadata, service, "http"),
    ...(app.budget && replicas > 1 ? [budgetObject(metadata)] : []),
    ...(ingress === undefined
      ? []
      : ingressObjects(metadata, { ...ingress, className: ingress.className ?? facts.ingressClass ?? "" }, "http")),
    ...(route === undefined ? [] : [routeObject(metadata, route, facts, service.port)]),
  ];
}

/** With the certificate at its place in the container. */
function withCertificate(name: string, app: WebApp): WebApp {
  const { ingress, mounts } = app;
  if (ingress === undefined || ingress.tls === false || ingress.tls.mountAt === undefined) return app;
  return { ...app, mounts: { ...mounts, [ingress.tls.mountAt]: { secret: tlsSecretOf(name, ingress) } } };
}

/** Where its Ingress answers. Whether a Gateway's listener speaks HTTPS is not known here. */
export function webAppUrls({ ingress }: WebApp): string[] {
  if (ingress === undefined) return [];
  return ingress.hosts.map((host) => `${ingress.tls === false ? "http" : "https"}://${host}${ingress.path}`);
}
