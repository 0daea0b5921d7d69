import type { Condition, KubeObject } from "../kubeObjects";
import type { Finding } from "../finding";
import type { ReleaseRevision } from "../releases";
import { error, ok, warning } from "./finding";

/** A Deployment, DaemonSet or StatefulSet, as far as it says how many of its pods are ready. */
export interface Workload extends KubeObject {
  readonly spec: { readonly replicas?: number };
  readonly status: {
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
  };
}

export interface StorageClass extends KubeObject {
  readonly provisioner: string;
}

export interface Volume extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly robustness?: string;
    readonly state?: string;
    readonly message?: string;
    readonly conditions?: readonly Condition[];
  };
}

/** `/readyz?verbose`: a line a check, `[-]` before those that fail. Pure. */
export function checkReadyz(text: string): Finding[] {
  const failing = [...text.matchAll(/^\[-\](\S+)/gm)].map(([, name = ""]) => name);
  if (failing.length === 0 && /^\[\+\]/m.test(text)) {
    return [ok("api", undefined, "the API answers, and all of its own checks pass")];
  }
  if (failing.length === 0) {
    const said = text.trim().split("\n").at(-1) ?? "";
    return [
      error("api", undefined, `the API does not tell its own checks: ${said}`, "journalctl -u k3s on the servers"),
    ];
  }
  return [
    error("api", undefined, `the API's own checks fail: ${failing.join(", ")}`, "journalctl -u k3s on the servers"),
  ];
}

/** One class is the default where the stack has one; with two, which one a claim gets is chance. Pure. */
export function checkClasses(classes: readonly StorageClass[], wanted: string): Finding[] {
  const defaults = classes
    .filter(({ metadata }) => metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true")
    .map(({ metadata }) => metadata.name)
    .sort();
  const remedy = "kubectl annotate storageclass NAME storageclass.kubernetes.io/is-default-class-";
  if (defaults.length > 1) {
    return [
      error(
        "storage-class",
        undefined,
        `there are ${String(defaults.length)} default StorageClasses: ${defaults.join(", ")}`,
        remedy,
      ),
    ];
  }
  const [only = ""] = defaults;
  if (only === wanted) {
    return [
      ok(
        "storage-class",
        undefined,
        wanted === "" ? "there is no default StorageClass, as the stack says" : `${only} is the default StorageClass`,
      ),
    ];
  }
  if (only === "") {
    return [
      error("storage-class", undefined, `there is no default StorageClass, expected ${wanted}`, "pulumi up --refresh"),
    ];
  }
  return [
    warning(
      "storage-class",
      undefined,
      `${only} is the default StorageClass, expected ${wanted === "" ? "none" : wanted}`,
      remedy,
    ),
  ];
}

/** How long a claim may wait for its volume, in seconds: WaitForFirstConsumer is told apart by its events, not here. */
const PENDING_SECONDS = 600;

/** Volumes and claims that are lost or failed, and Longhorn's that have fewer copies than they should. Pure. */
export function checkVolumes(
  { volumes, claims, longhorn }: Readonly<Record<"volumes" | "claims" | "longhorn", readonly Volume[]>>,
  now: Date,
): Finding[] {
  const findings = [
    ...volumes.flatMap(({ metadata: { name }, status }) =>
      status?.phase === "Failed"
        ? [
            error(
              "volume",
              name,
              `the volume failed: ${status.message ?? "it could not be reclaimed"}`,
              `kubectl describe pv ${name}`,
            ),
          ]
        : [],
    ),
    ...claims.flatMap((claim) => checkClaim(claim, now)),
    ...longhorn.flatMap(({ metadata: { name, namespace = "" }, status }) => {
      const remedy = `kubectl -n ${namespace} describe volumes.longhorn.io ${name}`;
      if (status?.robustness === "faulted") {
        return [error("volume", name, "Longhorn has no good copy of it left", `restore it from a backup; ${remedy}`)];
      }
      if (status?.robustness === "degraded") {
        return [
          warning(
            "volume",
            name,
            "Longhorn has fewer copies of it than it should",
            `no node with a copy should go now; ${remedy}`,
          ),
        ];
      }
      return [];
    }),
  ];
  if (findings.length > 0) return findings;
  return [
    ok(
      "volume",
      undefined,
      `${String(volumes.length)} volumes, none failed${longhorn.length > 0 ? " or degraded" : ""}`,
    ),
  ];
}

function checkClaim({ metadata, status }: Volume, now: Date): Finding[] {
  const { name, namespace = "", creationTimestamp = "" } = metadata;
  const where = `${namespace}/${name}`;
  if (status?.phase === "Lost") {
    return [
      error("claim", where, "its volume is gone, and with it the data", "restore them from a backup into a new claim"),
    ];
  }
  const waits = (now.getTime() - Date.parse(creationTimestamp)) / 1000;
  if (status?.phase !== "Pending" || waits < PENDING_SECONDS) return [];
  return [
    warning(
      "claim",
      where,
      `it waits for a volume since ${creationTimestamp}`,
      `kubectl -n ${namespace} describe pvc ${name}`,
    ),
  ];
}

/** Pods of k3s's own components and of the stack's releases that are not ready. Pure. */
export function checkWorkloads(workloads: readonly Workload[], namespaces: ReadonlySet<string>): Finding[] {
  const ours = workloads.filter(({ metadata }) => namespaces.has(metadata.namespace ?? ""));
  const findings = ours.flatMap((workload) => {
    const { kind = "", metadata, spec, status } = workload;
    const wanted = status.desiredNumberScheduled ?? spec.replicas ?? 1;
    const ready = status.numberReady ?? status.readyReplicas ?? 0;
    if (ready >= wanted) return [];
    const { name, namespace = "" } = metadata;
    const message = `${kind} ${name}: ${String(ready)} of ${String(wanted)} pods are ready`;
    return [error("workload", namespace, message, `kubectl -n ${namespace} describe ${kind.toLowerCase()} ${name}`)];
  });
  if (findings.length > 0) return findings;
  return [ok("workload", undefined, `the pods of ${[...namespaces].sort().join(", ")} are ready`)];
}

/** Whoever keeps no CoreDNS of k3s's has switched it off by a setting; otherwise pods find no names without it. Pure. */
export function checkDns(workloads: readonly Workload[], isDisabled: boolean): Finding[] {
  const found = workloads.some(({ metadata }) => metadata.namespace === "kube-system" && metadata.name === "coredns");
  if (found || isDisabled) return [];
  return [
    error(
      "dns",
      undefined,
      "there is no CoreDNS in kube-system: pods find no names",
      "restart k3s on a server, which brings its packaged components back",
    ),
  ];
}

/** Releases that Helm does not call deployed. Pure. */
export function checkReleases(releases: readonly ReleaseRevision[]): Finding[] {
  const findings = releases.flatMap(({ name, namespace, revision, status }) => {
    if (status === "deployed" || status === "superseded") return [];
    const message = `revision ${String(revision)} in ${namespace} is ${status}`;
    const remedy = status.startsWith("pending-")
      ? `if no run works on it now: helm -n ${namespace} rollback ${name}, then up`
      : `helm -n ${namespace} history ${name}; then up`;
    return [error("release", name, message, remedy)];
  });
  return findings.length > 0
    ? findings
    : [ok("release", undefined, `${String(releases.length)} releases are deployed`)];
}
