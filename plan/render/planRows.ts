import type { Plan } from "../model";
import { limitsText } from "./limitsText";

/** A table as texts: every way of showing it has its own escapes and widths. */
export interface Rows {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function nodeRows({ nodes }: Plan): Rows {
  return {
    header: ["node", "role", "SSH", "in cluster", "k3s", "packages", "labels", "taints", "protected"],
    rows: nodes.map((node) => [
      node.name,
      node.lost === true ? `${node.role}, lost` : node.role,
      node.ssh,
      node.internalIp ?? "",
      node.version,
      node.packages.join(" "),
      words(node.labels),
      node.taints.join(" "),
      node.protect ? "yes" : "",
    ]),
  };
}

export function releaseRows({ releases }: Plan): Rows {
  return {
    header: ["name", "chart", "version", "namespace", "from", "protected"],
    rows: releases.map(({ name, chart, version, namespace, repo, protect }) => [
      name,
      chart,
      version,
      namespace,
      repo,
      protect ? "yes" : "",
    ]),
  };
}

export function namespaceRows({ namespaces }: Plan): Rows {
  return {
    header: ["namespace", "labels", "quota", "limits", "network policies", "pull secrets", "teams"],
    rows: namespaces.map(({ name, labels, quota, limits, networkPolicies, pullSecrets, access }) => [
      name,
      words(labels),
      words(quota),
      limitsText(limits).join(", "),
      networkPolicies.join(" "),
      pullSecrets.join(", "),
      access.join("; "),
    ]),
  };
}

function words(record: Readonly<Record<string, unknown>>): string {
  return Object.entries(record)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(" ");
}
