import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { SECRET_MARK, type Secret } from "../../config/secret";
import type { IssuerSettings } from "../../config/settings";
import { CERT_MANAGER_NAMESPACE } from "../addons/certManager";
import { inCluster, type ClusterTarget } from "../clusterTarget";
import { acmeSpec, caCertificateSpec, namesFor, TSIG_KEY, type AcmeContext } from "./issuerObjects";

export interface ClusterIssuersArgs {
  /** Settings by the issuer's name. */
  readonly issuers: Readonly<Record<string, IssuerSettings>>;
  /** Address for ACME issuers that name none. */
  readonly email: string | undefined;
  /** IngressClass that answers HTTP-01. */
  readonly ingressClass: string;
  readonly target: ClusterTarget;
  /** cert-manager's release: its definitions are there and its webhook answers. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** ClusterIssuers, and the Secrets and authorities behind them. Each resource has its object's own name. */
export class ClusterIssuers extends pulumi.ComponentResource {
  /** Names of the issuers, as an Ingress annotation or a Certificate gives them. */
  readonly names: readonly string[];
  readonly #target: ClusterTarget;
  readonly #dependsOn: readonly pulumi.Resource[];

  constructor(name: string, args: ClusterIssuersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:issuers:ClusterIssuers", name, {}, opts);
    this.names = Object.keys(args.issuers);
    this.#target = args.target;
    this.#dependsOn = args.dependsOn;
    for (const [issuer, settings] of Object.entries(args.issuers)) {
      if (settings.type === "ca") this.#authority(issuer, settings);
      else this.#acme(issuer, settings, args);
    }
    this.registerOutputs({ names: this.names });
  }

  /** An internal authority: brought along, or signed by itself in the cluster. */
  #authority(issuer: string, settings: Extract<IssuerSettings, { type: "ca" }>): void {
    const names = namesFor(issuer);
    if (settings.certificate !== undefined) {
      const keyPair = this.#secret(names.keyPair, "kubernetes.io/tls", {
        "tls.crt": settings.certificate,
        "tls.key": hidden(settings.privateKey),
      });
      this.#object("ClusterIssuer", issuer, { ca: { secretName: names.keyPair } }, [keyPair]);
      return;
    }
    const selfSigned = this.#object("ClusterIssuer", names.selfSigned, { selfSigned: {} });
    const certificate = this.#object("Certificate", names.ca, caCertificateSpec(issuer, settings), [selfSigned]);
    this.#object("ClusterIssuer", issuer, { ca: { secretName: names.ca } }, [certificate]);
  }

  #acme(issuer: string, settings: Exclude<IssuerSettings, { type: "ca" }>, context: AcmeContext): void {
    const secrets =
      settings.type === "acme-dns01"
        ? [this.#secret(namesFor(issuer).tsig, "Opaque", { [TSIG_KEY]: hidden(settings.tsigSecret) })]
        : [];
    this.#object("ClusterIssuer", issuer, acmeSpec(issuer, settings, context), secrets);
  }

  #object(
    kind: "ClusterIssuer" | "Certificate",
    name: string,
    spec: object,
    after: readonly pulumi.Resource[] = [],
  ): pulumi.Resource {
    const metadata = kind === "Certificate" ? { name, namespace: CERT_MANAGER_NAMESPACE } : { name };
    return new kubernetes.apiextensions.CustomResource(
      name,
      { apiVersion: "cert-manager.io/v1", kind, metadata, spec },
      inCluster(this.#target, this, { dependsOn: [...this.#dependsOn, ...after] }),
    );
  }

  /** `stringData` and not `data`: what is given is already the text that cert-manager reads, and is encoded once. */
  #secret(name: string, type: string, stringData: Record<string, pulumi.Input<string>>): pulumi.Resource {
    return new kubernetes.core.v1.Secret(
      name,
      { metadata: { name, namespace: CERT_MANAGER_NAMESPACE }, type, stringData },
      inCluster(this.#target, this, { dependsOn: [...this.#dependsOn] }),
    );
  }
}

/** A secret for a resource's input; one that is not set is refused before `up` and only shown in a plan. */
function hidden(secret: Secret | undefined): pulumi.Output<string> {
  return pulumi.secret(secret?.reveal() ?? SECRET_MARK);
}
