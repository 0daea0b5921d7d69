import { z } from "zod";
import { pathText, type Problem } from "../../config/problem";
import { checkName, checkPod, checkProbes } from "./checks";
import type { ClusterFacts } from "./facts";
import { labelsOf, podTemplate, selectorOf } from "./pod";
import type { PodArgs, Probes } from "./podArgs";
import { podShape, probes } from "./podSchema";
import { readArguments } from "./problems";
import { namedPorts } from "./statefulApp";
import type { Field, WorkloadObject } from "./text";

/** What runs on every node, in the node's own network, is to be. */
export interface HostNetworkDaemonSetSettings extends PodArgs {
  /** Ports of the node that the process listens on, by name: `{ metrics: 9100 }`. @default None. */
  readonly ports?: Readonly<Record<string, number>>;
  /** How it is known that it works; false: nothing can tell. Required. */
  readonly probes: Probes | false;
  /** How many nodes go without it at once while a new version comes: a number or a share like `10%`. @default 1 */
  readonly maxUnavailable?: number | string;
  /** How much it counts when a node is full: `system-node-critical` puts others out. @default The cluster's default. */
  readonly priorityClass?: string;
}

/** Ports of the node that k3s takes. https://docs.k3s.io/installation/requirements#networking */
const TAKEN: Readonly<Record<number, string>> = {
  2379: "etcd",
  2380: "etcd",
  6443: "the Kubernetes API",
  6444: "k3s",
  10248: "the kubelet",
  10250: "the kubelet",
  10256: "kube-proxy",
  10257: "the controller manager",
  10259: "the scheduler",
};

const schema = z.strictObject({
  ...podShape,
  ports: namedPorts.default({}),
  probes,
  maxUnavailable: z
    .custom<number | string>(
      (nodes) =>
        /^([1-9]\d*|([1-9]\d?|100)%)$/.test(String(nodes)) &&
        (typeof nodes === "number" || String(nodes).endsWith("%")),
      "is neither a number of nodes nor a share; write 1 or 10%",
    )
    .default(1),
  priorityClass: z.string().min(1).optional(),
});

type HostNetworkDaemonSet = z.output<typeof schema>;

/** What could be read of the arguments of such a workload, and everything that is wrong with them. */
export function readHostNetworkDaemonSet(
  name: string,
  given: HostNetworkDaemonSetSettings,
  facts: ClusterFacts,
): { readonly app: HostNetworkDaemonSet; readonly problems: readonly Problem[] } {
  const { value, problems } = readArguments(schema, given);
  return {
    app: value as HostNetworkDaemonSet,
    problems: [
      ...checkName(name),
      ...problems,
      ...checkPod(value, facts),
      ...checkProbes(value.probes, value.ports && Object.values(value.ports)),
      ...checkPorts(value.ports ?? {}),
    ],
  };
}

function checkPorts(ports: Readonly<Record<string, number>>): Problem[] {
  return Object.entries(ports).flatMap(([name, port]): Problem[] => {
    const taker = TAKEN[port];
    if (taker === undefined) return [];
    return [{ path: pathText(["ports", name]), problem: `${port} is taken by ${taker}`, remedy: "write another" }];
  });
}

/**
 * The DaemonSet. Its pods take the node's network, and still find services by name. Kubernetes itself lets them stay on
 * nodes that do not answer.
 *
 * @param secretName The Secret of `secretEnv`.
 */
export function hostNetworkDaemonSetObjects(
  name: string,
  app: HostNetworkDaemonSet,
  secretName?: Field,
): WorkloadObject[] {
  const ports = Object.entries(app.ports).map(([portName, port]) => ({ name: portName, port }));
  const kind = {
    ports,
    isOnHost: true,
    probes: app.probes,
    spec: {
      hostNetwork: true,
      dnsPolicy: "ClusterFirstWithHostNet",
      ...(app.priorityClass === undefined ? {} : { priorityClassName: app.priorityClass }),
    },
  };
  return [
    {
      part: "",
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name, namespace: app.namespace, labels: labelsOf(name, app) },
      spec: {
        selector: { matchLabels: selectorOf(name) },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: app.maxUnavailable } },
        template: podTemplate(name, app, kind, secretName),
      },
    },
  ];
}
