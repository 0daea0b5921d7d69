import { z } from "zod";
import { LOCAL_PATH_CLASS } from "../../addons/storageClass";
import { pathText, type Problem } from "../../config/problem";
import { quantityOf } from "../../config/quantity";
import { dnsLabel, dnsName, port } from "../../config/schema/scalars";
import { checkName, checkPod, checkProbes } from "./checks";
import { budgetObject, WITHOUT_WAITING } from "./entry";
import type { ClusterFacts } from "./facts";
import { labelsOf, placementOf, podTemplate, selectorOf } from "./pod";
import type { PodArgs, Probes, ResilienceArgs } from "./podArgs";
import { podShape, probes, resilienceShape } from "./podSchema";
import { readArguments } from "./problems";
import type { Field, WorkloadObject } from "./text";

/** A volume that each pod has of its own. */
export interface VolumeArgs {
  /** Where it is in the container. Required. */
  readonly path: string;
  /** How large it is: `10Gi`. It cannot be changed here later: the StatefulSet would be made anew. Required. */
  readonly size: string;
  /** @default The cluster's default class. */
  readonly storageClass?: string;
  /** @default "ReadWriteOnce": from one node at a time. */
  readonly accessMode?: "ReadWriteOnce" | "ReadWriteOncePod" | "ReadWriteMany";
}

/** What an application with data of its own is to be. */
export interface StatefulAppSettings extends PodArgs, ResilienceArgs {
  /** Ports that the process listens on, by name: `{ postgres: 5432 }`. Required. */
  readonly ports: Readonly<Record<string, number>>;
  /** How it is known that it works; false: nothing can tell. Required. */
  readonly probes: Probes | false;
  /** Volumes of each pod, by name. Required. */
  readonly volumes: Readonly<Record<string, VolumeArgs>>;
  /** @default 1 */
  readonly replicas?: number;
  /** Whether pods come and go one after another, each waiting for the one before, or all at once. @default "ordered" */
  readonly start?: "ordered" | "parallel";
  /**
   * Whether the headless Service names pods that do not take requests yet, for members of a cluster that must find one
   * another to start.
   *
   * @default false
   */
  readonly findsBeforeReady?: boolean;
}

const volume = z.strictObject({
  path: z
    .string()
    .regex(/^\/[^:\s]+$/, "is not the path of a directory; write one like /var/lib/postgresql")
    .describe("where it is in the container: /var/lib/postgresql"),
  size: z
    .string()
    .refine((size) => (quantityOf(size) ?? 0) > 0, "is not a size; write one like 10Gi")
    .describe("how large it is: 10Gi"),
  storageClass: dnsName.optional(),
  accessMode: z.enum(["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"]).default("ReadWriteOnce"),
});

/** kubernetes: apimachinery pkg/util/validation, IsValidPortName */
const portName = z
  .string()
  .regex(
    /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/,
    "is not the name of a port; write at most 15 lower-case letters, digits and '-'",
  );

/** Ports by name. */
export const namedPorts = z.record(portName, port);

const schema = z.strictObject({
  ...podShape,
  ...resilienceShape,
  ports: namedPorts
    .refine((ports) => Object.keys(ports).length > 0, "is empty; write at least one, e.g. { http: 8080 }")
    .describe("the ports that the process listens on, by name: { http: 8080 }"),
  probes,
  volumes: z
    .record(dnsLabel, volume)
    .refine(
      (volumes) => Object.keys(volumes).length > 0,
      "is empty; write one, or take a WebApp for what keeps nothing",
    )
    .describe('the volumes of each pod: { data: { path: "/data", size: "10Gi" } }'),
  replicas: z.number().int().min(1).default(1),
  start: z.enum(["ordered", "parallel"]).default("ordered"),
  findsBeforeReady: z.boolean().default(false),
});

type StatefulApp = z.output<typeof schema>;

/** What could be read of the arguments of an application with data, and everything that is wrong with them. */
export function readStatefulApp(
  name: string,
  given: StatefulAppSettings,
  facts: ClusterFacts,
): { readonly app: StatefulApp; readonly problems: readonly Problem[] } {
  const { value, problems } = readArguments(schema, given);
  return {
    app: value as StatefulApp,
    problems: [
      ...checkName(name),
      ...problems,
      ...checkPod(value, facts),
      ...checkProbes(value.probes, value.ports && Object.values(value.ports)),
      ...checkVolumes(value, facts),
    ],
  };
}

function checkVolumes({ volumes = {}, mounts = {} }: Partial<StatefulApp>, facts: ClusterFacts): Problem[] {
  const paths = new Set(Object.keys(mounts));
  return Object.entries(volumes).flatMap(([name, { path, storageClass, accessMode }]): Problem[] => {
    const at = (key: string): string => pathText(["volumes", name, key]);
    const isTaken = paths.has(path);
    paths.add(path);
    const used = storageClass ?? facts.storageClass;
    return [
      ...(isTaken
        ? [{ path: at("path"), problem: `is ${path}, where something else is`, remedy: "write another" }]
        : []),
      ...(used === ""
        ? [
            {
              path: at("storageClass"),
              problem: "is missing, and the cluster has no default StorageClass",
              remedy: "write one of kubectl get storageclass",
            },
          ]
        : []),
      ...(accessMode === "ReadWriteMany" && used === LOCAL_PATH_CLASS
        ? [
            {
              path: at("accessMode"),
              problem: `is ReadWriteMany, and ${LOCAL_PATH_CLASS} keeps a volume on one node`,
              remedy: "write ReadWriteOnce, or a storageClass such as nfs-client",
            },
          ]
        : []),
    ];
  });
}

/**
 * The objects of an application with data: a StatefulSet with a claim per pod and volume, its headless Service, and a
 * PodDisruptionBudget for two replicas and more. Claims stay when pods or the StatefulSet go.
 *
 * @param secretName The Secret of `secretEnv`.
 */
export function statefulAppObjects(name: string, app: StatefulApp, secretName?: Field): WorkloadObject[] {
  const { replicas, start, findsBeforeReady, volumes } = app;
  const metadata = { name, namespace: app.namespace, labels: labelsOf(name, app) };
  const ports = Object.entries(app.ports).map(([portName, number]) => ({ name: portName, port: number }));
  const kind = {
    ports,
    probes: app.probes,
    volumes: Object.fromEntries(Object.entries(volumes).map(([each, { path }]) => [each, path])),
    spec: placementOf(name, replicas, app, "controller-revision-hash"),
  };
  return [
    {
      part: "service",
      apiVersion: "v1",
      kind: "Service",
      metadata: { ...metadata, annotations: WITHOUT_WAITING },
      spec: {
        clusterIP: "None",
        selector: selectorOf(name),
        ports: ports.map((each) => ({ name: each.name, port: each.port, targetPort: each.name, protocol: "TCP" })),
        publishNotReadyAddresses: findsBeforeReady,
      },
    },
    {
      part: "",
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata,
      spec: {
        replicas,
        serviceName: name,
        selector: { matchLabels: selectorOf(name) },
        podManagementPolicy: start === "parallel" ? "Parallel" : "OrderedReady",
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        template: podTemplate(name, app, kind, secretName),
        volumeClaimTemplates: Object.entries(volumes).map(([each, { size, storageClass, accessMode }]) => ({
          metadata: { name: each, labels: labelsOf(name, app) },
          spec: {
            accessModes: [accessMode],
            ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
            resources: { requests: { storage: size } },
          },
        })),
      },
    },
    ...(app.budget && replicas > 1 ? [budgetObject(metadata)] : []),
  ];
}
