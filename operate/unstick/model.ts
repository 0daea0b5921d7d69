import type { Condition } from "../kubeObjects";

/** An object that is still there, and so holds what it is in. */
export interface Held {
  /** As kubectl takes it: `challenges.acme.cert-manager.io`. */
  readonly resource: string;
  /** Undefined for one that is in no namespace. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
  /** Since when it is being deleted; undefined where it is not. */
  readonly deletedAt: string | undefined;
  readonly finalizers: readonly string[];
}

/** A part of the API that another program answers for, and does not. */
export interface SilentService {
  /** `v1beta1.metrics.k8s.io` */
  readonly name: string;
  /** `kube-system/metrics-server` */
  readonly service: string;
  readonly reason: string;
}

/** A namespace or a definition that is being deleted, with all that holds it. */
export interface Stuck {
  readonly kind: "namespace" | "definition";
  readonly name: string;
  readonly uid: string;
  /** Since when it is being deleted. */
  readonly deletedAt: string;
  /** Its own finalizers, without those that the API server itself ends. */
  readonly finalizers: readonly string[];
  /** What the API server says of it. */
  readonly conditions: readonly Condition[];
  readonly held: readonly Held[];
  /** Why some kinds could not be listed: what is of them is not seen. */
  readonly unlisted: readonly string[];
  readonly services: readonly SilentService[];
}
