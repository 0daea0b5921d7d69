import type { Fields } from "./text";
import type { Pod, ProbeSettings, ProbesSettings, Resilience } from "./podSchema";

/** Label by which a workload's pods are known. It never changes: selectors cannot. */
const NAME_LABEL = "app.kubernetes.io/name";

/** Labels of the objects of a workload. */
export function labelsOf(name: string, { labels }: Pick<Pod, "labels">): Record<string, string> {
  return { ...labels, ...selectorOf(name) };
}

/** Labels that select its pods. */
export function selectorOf(name: string): Record<string, string> {
  return { [NAME_LABEL]: name };
}

/** A port of the container, with its name. */
export interface ContainerPort {
  readonly name: string;
  readonly port: number;
  readonly protocol?: "TCP" | "UDP";
}

/** What makes the pods of one kind of workload different from those of another. */
export interface PodKind {
  readonly ports: readonly ContainerPort[];
  readonly probes: ProbesSettings;
  /** Volumes that the workload brings itself, by name, with their paths. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** Fields of the pod's spec besides. */
  readonly spec?: Fields;
  /** Whether the ports are those of the node. */
  readonly isOnHost?: boolean;
}

/** Template of the pods. `secretName` is the Secret of `secretEnv`. */
export function podTemplate(name: string, pod: Pod, kind: PodKind, secretName: Fields[string]): Fields {
  return {
    metadata: { labels: labelsOf(name, pod), ...given("annotations", pod.podAnnotations) },
    spec: podSpec(name, pod, kind, secretName),
  };
}

function podSpec(name: string, pod: Pod, kind: PodKind, secretName: Fields[string]): Fields {
  const { security } = pod;
  return {
    automountServiceAccountToken: pod.apiToken,
    ...(pod.serviceAccount === undefined ? {} : { serviceAccountName: pod.serviceAccount }),
    terminationGracePeriodSeconds: pod.shutdown.graceSeconds,
    ...(security === false
      ? {}
      : {
          securityContext: {
            runAsNonRoot: true,
            ...(security.user === undefined ? {} : { runAsUser: security.user }),
            ...(security.group === undefined ? {} : { fsGroup: security.group, fsGroupChangePolicy: "OnRootMismatch" }),
            seccompProfile: { type: "RuntimeDefault" },
          },
        }),
    ...given("nodeSelector", pod.nodeSelector),
    ...list("tolerations", pod.tolerations),
    ...list(
      "imagePullSecrets",
      pod.imagePullSecrets.map((secret) => ({ name: secret })),
    ),
    ...kind.spec,
    ...(Array.isArray(kind.spec?.["tolerations"])
      ? { tolerations: [...pod.tolerations, ...(kind.spec["tolerations"] as Fields[])] }
      : {}),
    containers: [container(name, pod, kind, secretName)],
    ...list("volumes", volumesOf(pod)),
  };
}

function container(name: string, pod: Pod, kind: PodKind, secretName: Fields[string]): Fields {
  const { resources, security, shutdown } = pod;
  const { cpu, memory, cpuLimit, memoryLimit = memory } = resources;
  return {
    name,
    image: pod.image,
    ...(pod.command === undefined ? {} : { command: pod.command }),
    ...(pod.args === undefined ? {} : { args: pod.args }),
    ...list("env", environmentOf(pod, secretName)),
    ...list(
      "ports",
      kind.ports.map((each) => ({
        name: each.name,
        containerPort: each.port,
        protocol: each.protocol ?? "TCP",
        ...(kind.isOnHost === true ? { hostPort: each.port } : {}),
      })),
    ),
    resources: {
      requests: { cpu, memory },
      limits: { ...(cpuLimit === undefined ? {} : { cpu: cpuLimit }), memory: memoryLimit },
    },
    ...probesOf(kind.probes, kind.ports),
    ...(shutdown.preStopSeconds === 0
      ? {}
      : { lifecycle: { preStop: { sleep: { seconds: shutdown.preStopSeconds } } } }),
    ...(security === false
      ? {}
      : {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: security.readOnlyRoot,
            capabilities: { drop: ["ALL"], ...list("add", security.capabilities) },
          },
        }),
    ...list("volumeMounts", [
      ...Object.entries(kind.volumes ?? {}).map(([volume, path]) => ({ name: volume, mountPath: path })),
      ...Object.entries(pod.mounts).map(([path, mount], index) => ({
        name: volumeName(index),
        mountPath: path,
        ...(mount.secret === undefined && mount.configMap === undefined ? {} : { readOnly: true }),
      })),
    ]),
  };
}

function environmentOf({ env, secretEnv }: Pod, secretName: Fields[string]): Fields[] {
  return [
    ...Object.entries(env).map(([name, value]) => ({ name, value })),
    ...Object.keys(secretEnv).map((name) => ({
      name,
      valueFrom: { secretKeyRef: { name: secretName, key: name } },
    })),
  ];
}

function volumesOf({ mounts }: Pod): Fields[] {
  return Object.values(mounts).map(({ secret, configMap, claim }, index): Fields => {
    const name = volumeName(index);
    if (secret !== undefined) return { name, secret: { secretName: secret } };
    if (configMap !== undefined) return { name, configMap: { name: configMap } };
    if (claim !== undefined) return { name, persistentVolumeClaim: { claimName: claim } };
    return { name, emptyDir: {} };
  });
}

/** Paths have no form that volumes' names may have. */
function volumeName(index: number): string {
  return `mount-${index}`;
}

function probesOf(probes: ProbesSettings, ports: readonly ContainerPort[]): Fields {
  if (probes === false) return {};
  const { readiness, liveness, startup } = probes;
  return {
    readinessProbe: probeOf(readiness, ports, 3),
    ...(liveness === undefined ? {} : { livenessProbe: probeOf(liveness, ports, 3) }),
    ...(startup === undefined ? {} : { startupProbe: probeOf(startup, ports, 30) }),
  };
}

function probeOf(probe: ProbeSettings, ports: readonly ContainerPort[], failures: number): Fields {
  const port = probe.port ?? ports[0]?.name;
  return {
    ...(probe.path === undefined ? {} : { httpGet: { path: probe.path, port } }),
    ...(probe.tcp === undefined ? {} : { tcpSocket: { port } }),
    ...(probe.command === undefined ? {} : { exec: { command: probe.command } }),
    periodSeconds: probe.periodSeconds,
    timeoutSeconds: probe.timeoutSeconds,
    failureThreshold: probe.failures ?? failures,
  };
}

/** What the scheduler is told of pods of which there may be several. */
export function placementOf(
  name: string,
  replicas: number,
  { failoverSeconds, spread }: Resilience,
  revisionLabel: string,
): Fields {
  return {
    ...(failoverSeconds === false
      ? {}
      : {
          tolerations: ["not-ready", "unreachable"].map((state) => ({
            key: `node.kubernetes.io/${state}`,
            operator: "Exists",
            effect: "NoExecute",
            tolerationSeconds: failoverSeconds,
          })),
        }),
    ...(spread === false || replicas < 2
      ? {}
      : {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: spread === "hard" ? "DoNotSchedule" : "ScheduleAnyway",
              labelSelector: { matchLabels: selectorOf(name) },
              // Old pods that are about to go do not count.
              matchLabelKeys: [revisionLabel],
            },
          ],
        }),
  };
}

function list(key: string, entries: readonly Fields[] | readonly string[]): Fields {
  return entries.length === 0 ? {} : { [key]: entries };
}

function given(key: string, fields: Fields): Fields {
  return Object.keys(fields).length === 0 ? {} : { [key]: fields };
}
