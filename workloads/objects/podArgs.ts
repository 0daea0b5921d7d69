import type { Text } from "./text";

/** How a container is asked whether it is well: by exactly one of `path`, `tcp` and `command`. */
export interface Probe {
  /** HTTP path that answers with 200 to 399: `/healthz`. */
  readonly path?: string;
  /** Whether it is enough that the port takes connections. */
  readonly tcp?: true;
  /** Command in the container that ends with 0. */
  readonly command?: readonly string[];
  /**
   * Port that is asked, with `path` or `tcp`.
   *
   * @default The workload's own port; the first one, where it has several.
   */
  readonly port?: number;
  /** @default 10 seconds between two questions. */
  readonly periodSeconds?: number;
  /** @default 2 seconds until an answer that does not come counts as a failure. */
  readonly timeoutSeconds?: number;
  /** @default 3 failures in a row; 30 for `startup`. */
  readonly failures?: number;
}

/** How it is known that a container works. */
export interface Probes {
  /** Whether it takes requests: while it fails, the pod gets none. Required. */
  readonly readiness: Probe;
  /**
   * Whether it is to be restarted. The readiness probe is a poor choice for it: a database that is away would restart
   * every pod.
   *
   * @default It is restarted only when its process ends.
   */
  readonly liveness?: Probe;
  /**
   * Whether it has started: until then nothing else is asked. For what starts slowly.
   *
   * @default None.
   */
  readonly startup?: Probe;
}

/** CPU and memory as Kubernetes writes them: `100m` is a tenth of a core, `256Mi` are 256 · 2²⁰ bytes. */
export interface Resources {
  /** CPU that is kept free for each pod. Required. */
  readonly cpu: string;
  /** Memory that is kept free for each pod, and more than which it never gets unless `memoryLimit` says so. Required. */
  readonly memory: string;
  /** @default No limit: a pod may use CPU that nobody else wants. A quota on `limits.cpu` asks for one. */
  readonly cpuLimit?: string;
  /** @default As `memory`. */
  readonly memoryLimit?: string;
}

/** What stands at a path of the container: exactly one of the four. All but `claim` and `scratch` are read-only. */
export interface Mount {
  /** Name of a Secret: each of its keys is a file. */
  readonly secret?: Text;
  /** Name of a ConfigMap: each of its keys is a file. */
  readonly configMap?: Text;
  /** Name of a PersistentVolumeClaim. */
  readonly claim?: Text;
  /** An empty directory that goes with the pod. */
  readonly scratch?: true;
}

/** What a pod may do. The defaults are those of the Pod Security level `restricted`. */
export interface Security {
  /**
   * User id that the processes run as, not 0.
   *
   * @default The image's own. One that says none, or root, or a name, does not start.
   */
  readonly user?: number;
  /** Group id that volumes belong to (`fsGroup`). @default None: volumes belong to whom they belong. */
  readonly group?: number;
  /** Whether the image's own files are read-only; `mounts` with `scratch` are the places to write. @default false */
  readonly readOnlyRoot?: boolean;
  /** Capabilities that it keeps, all others are dropped: `NET_BIND_SERVICE`. The only one that `restricted` lets in. @default [] */
  readonly capabilities?: readonly string[];
}

/** How a pod ends. */
export interface Shutdown {
  /**
   * Seconds between the moment at which a pod is taken out of its service and the one at which its process is told to
   * end: proxies hear of it late. Below `graceSeconds`; 0 switches it off. Needs Kubernetes 1.30 (the handler `sleep`).
   *
   * @default 5; 0 for a ScheduledJob, which takes no requests.
   */
  readonly preStopSeconds?: number;
  /** Seconds until the process is killed, counted from the same moment. @default 30 */
  readonly graceSeconds?: number;
}

/** A toleration, as Kubernetes has it. */
export interface PodToleration {
  readonly key?: string;
  readonly operator?: "Exists" | "Equal";
  readonly value?: string;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  readonly tolerationSeconds?: number;
}

/** What every workload is given, whatever runs its pods. */
export interface PodArgs {
  /** Namespace of all its objects; it must be there. Required. */
  readonly namespace: Text;
  /**
   * Image with a tag other than `latest`, or with a digest. Required.
   *
   * @example "registry.example.org/shop:1.4.2", "docker.io/library/nginx@sha256:…"
   */
  readonly image: Text;
  /** Program in place of the image's entry point. @default The image's. */
  readonly command?: readonly string[];
  /** Arguments in place of the image's. @default The image's. */
  readonly args?: readonly string[];
  /** Environment variables. Everybody who may read the Deployment reads them. @default {} */
  readonly env?: Readonly<Record<string, Text>>;
  /** Environment variables from a Secret that the component makes; new values restart the pods. @default {} */
  readonly secretEnv?: Readonly<Record<string, Text>>;
  /** CPU and memory of each pod. Required: without them the scheduler fills nodes blindly. */
  readonly resources: Resources;
  /** What stands at which path of the container: `{ "/etc/tls": { secret: "shop-tls" } }`. @default {} */
  readonly mounts?: Readonly<Record<string, Mount>>;
  /** @default The level `restricted`; false leaves everything as image and cluster have it. */
  readonly security?: Security | false;
  /** @default 5 seconds before the end, 30 until it. */
  readonly shutdown?: Shutdown;
  /** Service account of the pods. @default The namespace's `default`. */
  readonly serviceAccount?: Text;
  /** Whether its token is in the pods, for what speaks with the Kubernetes API. @default false */
  readonly apiToken?: boolean;
  /** Names of Secrets with a registry's credentials. @default [] */
  readonly imagePullSecrets?: readonly string[];
  /** Labels that nodes must have. @default {} */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints of nodes that its pods run on all the same. @default [] */
  readonly tolerations?: readonly PodToleration[];
  /** Labels of every object besides `app.kubernetes.io/name`. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations of the pods: `{ "prometheus.io/scrape": "true" }`. @default {} */
  readonly podAnnotations?: Readonly<Record<string, string>>;
}

/** What keeps a workload of several pods going. */
export interface ResilienceArgs {
  /**
   * Seconds until a pod is given up whose node does not answer; Kubernetes's own default is 300.
   *
   * @default 30; false leaves it to Kubernetes.
   */
  readonly failoverSeconds?: number | false;
  /**
   * How pods are spread over nodes, so that no node has two more than another: `soft` where it can be had, `hard` always,
   * so that a pod that would break it waits.
   *
   * @default "soft", for two replicas and more; false leaves it to the scheduler.
   */
  readonly spread?: "soft" | "hard" | false;
  /**
   * Whether draining a node takes one pod at a time (a PodDisruptionBudget with `maxUnavailable: 1`). One replica has none
   * in any case: it would block every drain.
   *
   * @default true
   */
  readonly budget?: boolean;
}
