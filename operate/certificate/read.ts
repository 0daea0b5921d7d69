import { GroundworkError } from "../../config/groundworkError";
import type { KubeList } from "../kubeObjects";
import type { Kubectl } from "../kubectl";
import type { Certificate, CertificateObjects, CertificateRequest, Challenge, Issuer, Order } from "./objects";

/**
 * Reads all that certificates depend on. Changes nothing.
 *
 * @throws GroundworkError where the API does not answer, or the cluster has no cert-manager.
 */
export async function certificateObjects(kubectl: Kubectl): Promise<CertificateObjects> {
  const [certificates, requests, orders, challenges, issuers, clusterIssuers] = await Promise.all([
    listOf<Certificate>(kubectl, "certificates.cert-manager.io"),
    listOf<CertificateRequest>(kubectl, "certificaterequests.cert-manager.io"),
    listOf<Order>(kubectl, "orders.acme.cert-manager.io"),
    listOf<Challenge>(kubectl, "challenges.acme.cert-manager.io"),
    listOf<Issuer>(kubectl, "issuers.cert-manager.io"),
    listOf<Issuer>(kubectl, "clusterissuers.cert-manager.io"),
  ]);
  return { certificates, requests, orders, challenges, issuers, clusterIssuers };
}

async function listOf<T>(kubectl: Kubectl, resource: string): Promise<readonly T[]> {
  try {
    return ((await kubectl.json(["get", resource, "-A"])) as KubeList<T>).items;
  } catch (error) {
    if (error instanceof Error && error.message.includes("the server doesn't have a resource type")) {
      throw new GroundworkError("failed", `the cluster has no ${resource}: cert-manager is not installed`, {
        remedy: "set certificates.certManager: true and run 'pulumi up'",
      });
    }
    throw error;
  }
}

/**
 * The certificates that were asked for.
 *
 * @throws GroundworkError where there is none by this name.
 */
export function certificatesNamed(
  { certificates }: CertificateObjects,
  { name, namespace }: { readonly name: string | undefined; readonly namespace: string | undefined },
): readonly Certificate[] {
  const found = certificates.filter(
    ({ metadata }) =>
      (name === undefined || metadata.name === name) && (namespace === undefined || metadata.namespace === namespace),
  );
  if (name === undefined || found.length > 0) return found;
  const all = certificates.map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`);
  const where = namespace === undefined ? "in any namespace" : `in namespace ${namespace}`;
  throw new GroundworkError("usage", `there is no Certificate '${name}' ${where}`, {
    remedy: all.length === 0 ? "the cluster has none at all" : `there are: ${all.sort().join(", ")}`,
  });
}
