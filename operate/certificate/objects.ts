import type { Condition, KubeObject } from "../kubeObjects";

/** Which issuer an object asks, as all of cert-manager's objects name it. */
export interface IssuerReference {
  readonly name: string;
  readonly kind?: string;
  readonly group?: string;
}

export interface Certificate extends KubeObject {
  readonly spec: {
    readonly secretName: string;
    readonly issuerRef: IssuerReference;
    readonly commonName?: string;
    readonly dnsNames?: readonly string[];
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly notAfter?: string;
    readonly renewalTime?: string;
    readonly lastFailureTime?: string;
    readonly failedIssuanceAttempts?: number;
  };
}

export interface CertificateRequest extends KubeObject {
  readonly spec: { readonly issuerRef: IssuerReference };
  readonly status?: { readonly conditions?: readonly Condition[]; readonly failureTime?: string };
}

export interface Order extends KubeObject {
  readonly spec: { readonly issuerRef: IssuerReference };
  /** `state` is ACME's: pending, ready, processing, valid, invalid, expired, errored. */
  readonly status?: { readonly state?: string; readonly reason?: string };
}

export interface Challenge extends KubeObject {
  readonly spec: {
    readonly dnsName: string;
    /** `DNS-01` or `HTTP-01`. */
    readonly type: string;
    readonly wildcard?: boolean;
    readonly issuerRef: IssuerReference;
  };
  readonly status?: {
    readonly state?: string;
    readonly reason?: string;
    /** Whether the record, or the answer to HTTP, is there. */
    readonly presented?: boolean;
  };
}

/** An Issuer or a ClusterIssuer. */
export interface Issuer extends KubeObject {
  readonly spec?: {
    readonly acme?: { readonly server?: string };
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** All that certificates depend on, as the API lists it. */
export interface CertificateObjects {
  readonly certificates: readonly Certificate[];
  readonly requests: readonly CertificateRequest[];
  readonly orders: readonly Order[];
  readonly challenges: readonly Challenge[];
  readonly issuers: readonly Issuer[];
  readonly clusterIssuers: readonly Issuer[];
}
