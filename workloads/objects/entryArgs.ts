import type { z } from "zod";
import type { certificateShape } from "./entrySchema";
import type { Text } from "./text";

/** How the certificate of an Ingress comes about: from an issuer, or from a Secret that is there. */
export interface Tls {
  /** Name of a ClusterIssuer of the stack. */
  readonly issuer?: string;
  /**
   * Who asks the issuer: an object Certificate of the component's own, or the annotations of the Ingress, which cert-manager
   * reads. The certificate is the same.
   *
   * @default "certificate"
   */
  readonly by?: "certificate" | "annotation";
  /** Name of the Secret with `tls.crt` and `tls.key`; without an issuer it must be there. @default `<name>-tls` */
  readonly secret?: Text;
  /** Directory of the container in which the certificate is, read-only. @default None. */
  readonly mountAt?: string;
  /** What the certificate is like. @default 2160h, renewed 360h before its end, RSA 4096 PKCS1, server and client auth. */
  readonly certificate?: Readonly<z.input<typeof certificateShape>>;
}

/** How people outside reach a web application: an Ingress. */
export interface IngressArgs {
  /** DNS names. Required. */
  readonly hosts: readonly string[];
  /** Where the paths begin that it answers. @default "/" */
  readonly path?: string;
  /** Name of the IngressClass. @default That of the stack's controller, where `cluster` is given. */
  readonly className?: string;
  /** Annotations, for what only the controller knows. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Its certificate. Required; false: plain HTTP. */
  readonly tls: Tls | false;
}

/** How people outside reach a web application: a route of the Gateway API. The Gateway's listener has the certificate. */
export interface RouteArgs {
  /** DNS names; the listener must answer for them. Required. */
  readonly hosts: readonly string[];
  /** Where the paths begin that it answers. @default "/" */
  readonly path?: string;
  /** The Gateway that it belongs to. @default That of the stack's controller, where `cluster` is given. */
  readonly gateway?: {
    readonly name: string;
    /** @default The application's own. */
    readonly namespace?: string;
  };
  /** Name of the Gateway's listener. @default Every listener that lets these names in. */
  readonly listener?: string;
}

/** The Service in front of a web application. */
export interface ServiceArgs {
  /** Port that it answers on. @default 80 */
  readonly port?: number;
  /** @default "ClusterIP": from within the cluster, and for the ingress controller. */
  readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer";
  /** With NodePort or LoadBalancer: port of the nodes. @default Kubernetes chooses. */
  readonly nodePort?: number;
  /**
   * With NodePort or LoadBalancer: `Local` keeps the client's address, and only nodes with a pod answer; `Cluster` is the
   * other way round.
   *
   * @default "Local"
   */
  readonly externalTrafficPolicy?: "Local" | "Cluster";
  /** How long a client's address stays with one pod (`sessionAffinity: ClientIP`), at most 86400 seconds. @default Not at all. */
  readonly sessionAffinitySeconds?: number;
}
