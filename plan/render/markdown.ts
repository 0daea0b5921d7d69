import { stringify } from "yaml";
import { filesOf } from "./fileVariants";
import type { Plan } from "../model";
import { linesOf } from "./layout";
import { code, details, fenced, inline, markdownTable } from "./markdownParts";
import { living, stepsText, waveText } from "./text";

/** The plan for a page or a comment. */
export function renderMarkdown(plan: Plan): string {
  return [
    `## Stack ${code(plan.stack)} of ${inline(plan.project)}`,
    "",
    ...markdownTable(
      ["", ""],
      plan.summary.map(({ label, text }) => [label, text]),
    ),
    ...section(
      "Warnings",
      plan.warnings.map((warning) => `- ⚠️ ${inline(warning)}`),
    ),
    ...section("Nodes", nodes(plan)),
    ...section("Roll-out order", rollout(plan)),
    ...section("Releases", releases(plan)),
    ...section(
      "Issuers",
      plan.issuers.map(({ name, summary }) => `- ${code(name)}: ${inline(summary)}`),
    ),
    ...section("Namespaces", namespaces(plan)),
    ...section("Files on the nodes", files(plan)),
    ...section("Outputs", markdownOutputs(plan)),
    "",
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `### ${title}`, "", ...lines];
}

function nodes(plan: Plan): string[] {
  if (plan.nodes.length === 0) return [];
  const rows = plan.nodes.map((node) => [
    node.name,
    node.lost === true ? `${node.role}, lost` : node.role,
    node.ssh,
    node.internalIp ?? "",
    node.version,
    node.packages.join(" "),
    Object.entries(node.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(" "),
    node.taints.join(" "),
    node.protect ? "yes" : "",
  ]);
  return markdownTable(["node", "role", "SSH", "in cluster", "k3s", "packages", "labels", "taints", "protected"], rows);
}

function rollout(plan: Plan): string[] {
  const steps = stepsText(plan.nodes);
  const waves = plan.rollout.map((wave) => `${wave.order}. ${inline(waveText(wave))}`);
  return steps === "" ? waves : [...waves, "", `Each node: ${steps.split(", ").map(code).join(", ")}`];
}

function releases(plan: Plan): string[] {
  if (plan.releases.length === 0) return [];
  const rows = plan.releases.map(({ name, chart, version, namespace, repo, protect }) => [
    name,
    chart,
    version,
    namespace,
    repo,
    protect ? "yes" : "",
  ]);
  const values = plan.releases.map((release) =>
    details(`Values of ${release.name}`, fenced("yaml", linesOf(stringify(release.values, { lineWidth: 0 })))),
  );
  return [...markdownTable(["name", "chart", "version", "namespace", "from", "protected"], rows), "", ...values];
}

function namespaces(plan: Plan): string[] {
  const words = (record: Readonly<Record<string, unknown>>): string =>
    Object.entries(record)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(" ");
  const rows = plan.namespaces.map(({ name, labels, quota, limits, networkPolicies }) => [
    name,
    words(labels),
    words(quota),
    Array.isArray(limits) && limits.length === 0 ? "" : JSON.stringify(limits),
    networkPolicies.join(" "),
  ]);
  return rows.length === 0 ? [] : markdownTable(["namespace", "labels", "quota", "limits", "network policies"], rows);
}

function files(plan: Plan): string[] {
  return filesOf(living(plan.nodes)).map(({ path, variants }) =>
    details(
      path,
      variants.flatMap(({ nodes: names, content, like }) => {
        const whose = names.length === living(plan.nodes).length ? "every node" : inline(names.join(", "));
        if (like === undefined) return [`${whose}:`, "", ...fenced("", linesOf(content)), ""];
        const changes = like.changes.map(({ sign, text }) => `${sign}${text}`);
        return [`${whose}, like ${inline(like.node)} but:`, "", ...fenced("diff", changes), ""];
      }),
    ),
  );
}

function markdownOutputs(plan: Plan): string[] {
  return Object.entries(plan.outputs).map(
    ([name, value]) => `- ${code(name)}: ${code(typeof value === "string" ? value : JSON.stringify(value))}`,
  );
}
