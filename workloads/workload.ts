import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { GroundworkError } from "../config/groundworkError";
import type { Problem } from "../config/problem";
import type { Cluster } from "./cluster";
import type { PodArgs } from "./objects/podArgs";
import { pinnedImage } from "./objects/podSchema";
import { refuse } from "./objects/problems";
import { WorkloadError } from "./workloadError";
import { isLater, type Field, type Text, type WorkloadObject } from "./objects/text";

/** What every component takes besides what its workload is to be. */
export interface InCluster {
  /**
   * The cluster that it goes to: `await clusterOf(…)`.
   *
   * @default The `provider` of the resource options; nothing is known of the cluster then.
   */
  readonly cluster?: Cluster;
}

/** Takes the arguments of a component apart. */
export function settingsIn<T extends InCluster>({ cluster: _cluster, ...settings }: T): Omit<T, "cluster"> {
  return settings;
}

/** @throws WorkloadError with all of the problems, where there are any */
export function refuseProblems(what: string, problems: readonly Problem[]): void {
  try {
    refuse(what, problems);
  } catch (error) {
    throw error instanceof GroundworkError ? new WorkloadError(error.message, error.problems) : error;
  }
}

/** What of the pods is looked at here, besides what becomes of them. */
type Pods = Required<Pick<PodArgs, "namespace" | "image" | "secretEnv">>;

/** A workload: its objects are its children, and go with it. */
export abstract class Workload extends pulumi.ComponentResource {
  /** Name of its objects. */
  readonly objectName: string;
  /** Namespace of its objects. */
  readonly namespace: pulumi.Output<string>;

  protected constructor(
    kind: string,
    name: string,
    pods: Pods,
    cluster: Cluster | undefined,
    options: pulumi.ComponentResourceOptions,
  ) {
    const provider = cluster === undefined ? {} : { provider: cluster.provider };
    super(`groundwork:workloads:${kind}`, name, {}, { ...provider, ...options });
    this.objectName = name;
    this.namespace = pulumi.output(pods.namespace as pulumi.Input<string>);
  }

  /** The Secret with the variables, under a name of its own for each of its contents: pods start anew when they change. */
  protected createSecretEnv({ namespace, secretEnv }: Pods): Field {
    if (Object.keys(secretEnv).length === 0) return undefined;
    const secret = new kubernetes.core.v1.Secret(
      `${this.objectName}-env`,
      {
        metadata: { namespace: namespace as pulumi.Input<string> },
        immutable: true,
        stringData: pulumi.secret(secretEnv as Record<string, pulumi.Input<string>>),
      },
      { parent: this },
    );
    return secret.metadata.name;
  }

  /** Creates its objects. */
  protected create(objects: readonly WorkloadObject[]): void {
    for (const object of objects) {
      const resource = object.part === "" ? this.objectName : `${this.objectName}-${object.part}`;
      create(resource, object, this);
    }
  }
}

/** The pods with an image that is looked at as soon as it is known. */
export function gated<T extends { readonly image: Text }>(what: string, pods: T): T {
  const { image } = pods;
  if (!isLater(image)) return pods;
  const looked = pulumi.output(image as pulumi.Output<string>).apply((known) => {
    const { error } = pinnedImage.safeParse(known);
    const problems = (error?.issues ?? []).map(({ message }) => {
      const [problem = "", remedy = ""] = message.split(/; (.*)/s);
      return { path: "image", problem: `${JSON.stringify(known)} ${problem}`, remedy };
    });
    refuseProblems(what, problems);
    return known;
  });
  return { ...pods, image: looked };
}

type Class = new (name: string, args: never, options: pulumi.CustomResourceOptions) => pulumi.CustomResource;

/** The provider's class of each kind; kinds of others' definitions have one for all. */
const CLASSES: Readonly<Record<string, Class>> = {
  "v1 Service": kubernetes.core.v1.Service,
  "apps/v1 Deployment": kubernetes.apps.v1.Deployment,
  "apps/v1 StatefulSet": kubernetes.apps.v1.StatefulSet,
  "apps/v1 DaemonSet": kubernetes.apps.v1.DaemonSet,
  "batch/v1 CronJob": kubernetes.batch.v1.CronJob,
  "networking.k8s.io/v1 Ingress": kubernetes.networking.v1.Ingress,
  "policy/v1 PodDisruptionBudget": kubernetes.policy.v1.PodDisruptionBudget,
};

function create(name: string, { apiVersion, kind, metadata, spec }: WorkloadObject, parent: pulumi.Resource): void {
  const known = CLASSES[`${apiVersion} ${kind}`];
  if (known === undefined) {
    new kubernetes.apiextensions.CustomResource(name, { apiVersion, kind, metadata, spec }, { parent });
  } else {
    new known(name, { metadata, spec } as never, { parent });
  }
}
