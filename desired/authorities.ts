import { CERT_MANAGER_NAMESPACE, namesFor } from "../addons/cert-manager/issuerObjects";
import { issuersOf } from "../addons/cert-manager/proofs";
import { resourcesOf, type DesiredGroup, type DesiredResource } from "../addons/resources";
import type { Settings } from "../config/settings";
import { FRAME_BEGIN, FRAME_END } from "./host/framed";

/** An authority that cert-manager makes in the cluster, whose certificate the stack tells. */
export interface DesiredAuthority {
  /** Name of the issuer. */
  readonly issuer: string;
  /** The words that print its certificate on a server, inside a frame, once it is there. */
  readonly read: string;
  /** What is there before: its issuer. */
  readonly after: readonly DesiredResource[];
}

/** The authorities whose certificate is read in the cluster: `rootOutput`, and not brought along. */
export function authoritiesIn(settings: Settings, groups: readonly DesiredGroup[]): DesiredAuthority[] {
  const all = resourcesOf(groups);
  return issuersOf(settings, "ca")
    .filter(([, { rootOutput, certificate }]) => rootOutput && certificate === undefined)
    .map(([issuer]) => ({
      issuer,
      read: readSecret(namesFor(issuer).ca),
      after: all.filter((each) => each.is === "object" && each.kind === "ClusterIssuer" && each.name === issuer),
    }));
}

/** Looks every two seconds, for two minutes: cert-manager makes a key and signs it within some. Of the Secret, the certificate only. */
function readSecret(secret: string): string {
  const script = [
    `echo "${FRAME_BEGIN}"`,
    "n=0",
    'until text=$(/usr/local/bin/k3s kubectl get secret "$1" --namespace "$2" --output "go-template={{index .data \\"tls.crt\\" | base64decode}}" 2>&1)',
    'do n=$((n + 1)); if [ "$n" -ge 60 ]',
    'then echo "$text" >&2; echo "the authority is not there after 120 s; see: kubectl describe certificate $1 --namespace $2" >&2; exit 1',
    "fi; sleep 2; done",
    'echo "$text"',
    `echo "${FRAME_END}"`,
  ].join("; ");
  return `sh -c '${script}' sh ${secret} ${CERT_MANAGER_NAMESPACE}`;
}
