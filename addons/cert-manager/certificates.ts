import { Secret } from "../../config/secret";
import type { Settings } from "../../config/settings";
import { certificateSpec, certificateSummary, keystorePasswords, keystoresSecret } from "./certificateObjects";
import type { IssuedSettings } from "./settings/issued";
import { object, type DesiredGroup, type DesiredObject, type DesiredResource } from "../resources";

/**
 * Certificates, and the passwords of their keystores; undefined where a stack names none. Each resource has its object's
 * own name.
 *
 * @param before What is made before: their issuers and namespaces are among it.
 * @param after What all of them wait for.
 */
export function certificatesGroup(
  settings: Settings,
  before: readonly DesiredResource[],
  after: readonly DesiredResource[],
): DesiredGroup | undefined {
  const { issued } = settings.certificates;
  if (Object.keys(issued).length === 0) return undefined;
  return {
    type: "groundwork:certificates:Certificates",
    name: "certificates",
    resources: Object.entries(issued).flatMap(([name, each]) => objectsOf(name, each, before, after)),
    groups: [],
    outputs: { names: Object.keys(issued) },
  };
}

function objectsOf(
  name: string,
  settings: IssuedSettings,
  before: readonly DesiredResource[],
  after: readonly DesiredResource[],
): DesiredObject[] {
  const { namespace, issuer, labels } = settings;
  const around = [...after, ...named(before, ["Namespace", "NamespacePatch"], namespace)];
  const passwords = passwordsOf(name, settings, around);
  const certificate = object({
    name,
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    fields: {
      metadata: { name, namespace, ...(Object.keys(labels).length > 0 ? { labels } : {}) },
      spec: certificateSpec(name, settings),
    },
    after: [...around, ...passwords, ...named(before, ["ClusterIssuer"], issuer)],
    summary: certificateSummary(name, settings),
  });
  return [...passwords, certificate];
}

function passwordsOf(name: string, settings: IssuedSettings, after: readonly DesiredResource[]): DesiredObject[] {
  const given = keystorePasswords(settings).map(([kind, password]) => [kind, password ?? Secret.sealed()] as const);
  if (given.length === 0) return [];
  const own = keystoresSecret(name);
  const metadata = { name: own, namespace: settings.namespace };
  const fields = { metadata, type: "Opaque", stringData: Object.fromEntries(given) };
  return [object({ name: own, apiVersion: "v1", kind: "Secret", fields, after })];
}

function named(before: readonly DesiredResource[], kinds: readonly string[], name: string): DesiredResource[] {
  return before.filter((each) => each.is === "object" && each.name === name && kinds.includes(each.kind));
}
