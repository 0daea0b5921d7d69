import { group, text, type Fields, type PolicyObject } from "../object";
import type { Rule } from "./rule";

export const stagingIssuer: Rule = {
  reason: "no browser trusts a certificate of Let's Encrypt's staging",
  remedy: "name an issuer of the production server",
  needsAll: true,
  find: (object, all) => {
    const used = issuersUsed(object);
    return used.filter((name) => isStaging(name, object, all)).map((name) => `takes its certificate from ${name}`);
  },
};

/** Names of the issuers that an object asks. */
function issuersUsed({ kind, fields }: PolicyObject): string[] {
  if (kind === "Certificate") return [text(group(group(fields["spec"])["issuerRef"])["name"]) ?? []].flat();
  if (kind !== "Ingress" && kind !== "Gateway") return [];
  const annotations = group(group(fields["metadata"])["annotations"]);
  return ["cluster-issuer", "issuer"].flatMap((name) => text(annotations[`cert-manager.io/${name}`]) ?? []);
}

/** An issuer that is not among the objects is known by its name alone. */
function isStaging(name: string, { namespace }: PolicyObject, all: readonly PolicyObject[]): boolean {
  const issuer = all.find(
    (each) =>
      each.name === name && (each.kind === "ClusterIssuer" || (each.kind === "Issuer" && each.namespace === namespace)),
  );
  if (issuer === undefined) return /(^|[-.])staging([-.]|$)/.test(name);
  return (serverOf(issuer.fields) ?? "").includes("acme-staging");
}

function serverOf(fields: Fields): string | undefined {
  return text(group(group(fields["spec"])["acme"])["server"]);
}
