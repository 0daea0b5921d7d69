import type { CertificateObjects, IssuerReference } from "../../../operate/certificate/objects";

export const NOW = new Date("2026-11-28T12:00:00Z");
export const MADE = "2026-11-28T11:48:00Z";
const CLUSTER_ISSUER = { group: "cert-manager.io", kind: "ClusterIssuer", name: "letsencrypt" };

export const NOTHING: CertificateObjects = {
  certificates: [],
  requests: [],
  orders: [],
  challenges: [],
  issuers: [],
  clusterIssuers: [],
};

export function clusterIssuer(status: "True" | "False", reason: string, message: string, name = "letsencrypt") {
  return {
    metadata: { name, uid: `issuer-${name}`, creationTimestamp: "2026-11-01T00:00:00Z" },
    spec: { acme: { server: "https://acme-v02.api.letsencrypt.org/directory" } },
    status: { conditions: [{ type: "Ready", status, reason, message }] },
  };
}

export const REGISTERED = clusterIssuer(
  "True",
  "ACMEAccountRegistered",
  "The ACME account was registered with the ACME server",
);

export function certificate(name: string, status: object, issuerRef: IssuerReference = CLUSTER_ISSUER) {
  return {
    metadata: { name, namespace: "shop", uid: `certificate-${name}`, creationTimestamp: MADE },
    spec: { secretName: `${name}-tls`, issuerRef, dnsNames: [`${name}.example.org`] },
    status,
  };
}

/** As cert-manager leaves one that has no Secret yet. */
export const ISSUING = {
  conditions: [
    {
      type: "Issuing",
      status: "True",
      reason: "DoesNotExist",
      message: "Issuing certificate as Secret does not exist",
    },
    { type: "Ready", status: "False", reason: "DoesNotExist", message: "Issuing certificate as Secret does not exist" },
  ],
  nextPrivateKeySecretName: "web-x7k2p",
};

export const READY = {
  conditions: [
    { type: "Ready", status: "True", reason: "Ready", message: "Certificate is up to date and has not expired" },
  ],
  notAfter: "2027-02-26T11:00:00Z",
  notBefore: "2026-11-28T11:00:00Z",
  renewalTime: "2027-01-27T11:00:00Z",
  revision: 1,
};

const owned = (kind: string, name: string) => [{ kind, name, uid: `${kind.toLowerCase()}-${name}` }];

export function request(
  of: string,
  revision: number,
  ready: { status?: string; reason: string; message: string } | undefined,
) {
  const approved = {
    type: "Approved",
    status: "True",
    reason: "cert-manager.io",
    message: "Certificate request has been approved by cert-manager.io",
  };
  return {
    metadata: {
      name: `${of}-${String(revision)}`,
      namespace: "shop",
      uid: `certificaterequest-${of}-${String(revision)}`,
      creationTimestamp: MADE,
      annotations: {
        "cert-manager.io/certificate-name": of,
        "cert-manager.io/certificate-revision": String(revision),
      },
      ownerReferences: owned("Certificate", of),
    },
    spec: { issuerRef: CLUSTER_ISSUER },
    status: { conditions: [approved, ...(ready === undefined ? [] : [{ type: "Ready", status: "False", ...ready }])] },
  };
}

export function order(of: string, status: { state?: string; reason?: string }) {
  return {
    metadata: {
      name: `${of}-1234`,
      namespace: "shop",
      uid: `order-${of}-1234`,
      creationTimestamp: MADE,
      ownerReferences: owned("CertificateRequest", of),
    },
    spec: { issuerRef: CLUSTER_ISSUER },
    status,
  };
}

export function challenge(of: string, reason: string, more: { type?: string; state?: string; deleted?: string } = {}) {
  const { type = "DNS-01", state = "pending", deleted } = more;
  return {
    metadata: {
      name: `${of}-5678`,
      namespace: "shop",
      uid: `challenge-${of}-5678`,
      creationTimestamp: MADE,
      finalizers: ["acme.cert-manager.io/finalizer"],
      ownerReferences: owned("Order", of),
      ...(deleted === undefined ? {} : { deletionTimestamp: deleted }),
    },
    spec: { dnsName: "web.example.org", type, wildcard: false, issuerRef: CLUSTER_ISSUER },
    status: { state, reason, presented: false, processing: true },
  };
}

/** A certificate `web` whose challenge says something. */
export function waiting(reason: string, type = "DNS-01"): CertificateObjects {
  return {
    ...NOTHING,
    certificates: [certificate("web", ISSUING)],
    requests: [
      request("web", 1, {
        reason: "Pending",
        message: 'Waiting on certificate issuance from order shop/web-1-1234: "pending"',
      }),
    ],
    orders: [order("web-1", { state: "pending" })],
    challenges: [challenge("web-1-1234", reason, { type })],
    clusterIssuers: [REGISTERED],
  };
}
