/** The fields of Kubernetes' objects that verbs look at. */
export interface KubeObject {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly uid?: string;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly OwnerReference[];
  };
}

/** Whose object it is. */
export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export interface KubeNode extends KubeObject {
  readonly spec: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] };
  readonly status: {
    readonly conditions?: readonly Condition[];
    readonly nodeInfo?: { readonly kubeletVersion: string };
  };
}

export interface KubeList<T> {
  readonly items: readonly T[];
}

/** Whether a condition is `True`; undefined where the object does not have it. */
export function condition(node: KubeNode, type: string): boolean | undefined {
  const found = node.status.conditions?.find((each) => each.type === type);
  return found === undefined ? undefined : found.status === "True";
}
