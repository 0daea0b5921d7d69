import { group, groups, isUnknown, text, texts } from "../object";
import type { Rule } from "./rule";

export const ingressTls: Rule = {
  reason: "passwords and cookies go over the network in plain text",
  remedy: "write spec.tls with the hosts and the Secret of their certificate",
  find: ({ kind, fields }) => {
    if (kind !== "Ingress") return [];
    const spec = group(fields["spec"]);
    if (isUnknown(spec["tls"])) return [];
    const entries = groups(spec["tls"]);
    // An entry without hosts is for all of them.
    if (entries.some(({ hosts }) => !Array.isArray(hosts) || hosts.length === 0)) return [];
    const secured = entries.flatMap(({ hosts }) => texts(hosts));
    // A host that is not known yet is no host without TLS.
    const hosts = groups(spec["rules"]).flatMap(({ host }) => (host === undefined ? "" : (text(host) ?? [])));
    if (spec["rules"] === undefined) hosts.push("");
    const open = [...new Set(hosts)].filter((host) => !secured.some((one) => covers(one, host)));
    const isPartlyUnknown = entries.some(({ hosts: given }) => texts(given).length !== (given as unknown[]).length);
    return isPartlyUnknown ? [] : open.map((host) => `serves ${host === "" ? "every host" : host} without TLS`);
  },
};

/** A wildcard covers one label. */
function covers(secured: string, host: string): boolean {
  return secured === host || (secured.startsWith("*.") && host.slice(host.indexOf(".")) === secured.slice(1));
}
