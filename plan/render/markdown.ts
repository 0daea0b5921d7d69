import { stringify } from "yaml";
import { filesOf } from "./fileVariants";
import type { Plan } from "../model";
import { linesOf } from "./layout";
import { code, details, fenced, inline, markdownTable } from "./markdownParts";
import { namespaceRows, nodeRows, releaseRows } from "./planRows";
import { living, ruleText, stepsText, waveText } from "./text";

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
    ...section("Policy", policy(plan)),
    ...section("Nodes", nodes(plan)),
    ...section("Roll-out order", rollout(plan)),
    ...section("Releases", releases(plan)),
    ...section("Issuers", summaries(plan.issuers)),
    ...section("Certificates", summaries(plan.certificates)),
    ...section("Namespaces", namespaces(plan)),
    ...section("Files on the nodes", files(plan)),
    ...section("Outputs", markdownOutputs(plan)),
    "",
  ].join("\n");
}

function summaries(all: readonly { readonly name: string; readonly summary: string }[]): string[] {
  return all.map(({ name, summary }) => `- ${code(name)}: ${inline(summary)}`);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `### ${title}`, "", ...lines];
}

function policy({ policy: violations = [] }: Plan): string[] {
  return violations.map((violation) => {
    const { level, at, problem, reason, remedy } = violation;
    const what = `${code(at)}: ${inline(problem)} (${inline(ruleText(violation))})`;
    return `- ${level === "refuse" ? "⛔" : "⚠️"} ${what}: ${inline(`${reason}; ${remedy}`)}`;
  });
}

function nodes(plan: Plan): string[] {
  const { header, rows } = nodeRows(plan);
  return rows.length === 0 ? [] : markdownTable(header, rows);
}

function rollout(plan: Plan): string[] {
  const steps = stepsText(plan.nodes);
  const waves = plan.rollout.map((wave) => `${wave.order}. ${inline(waveText(wave))}`);
  return steps === "" ? waves : [...waves, "", `Each node: ${steps.split(", ").map(code).join(", ")}`];
}

function releases(plan: Plan): string[] {
  if (plan.releases.length === 0) return [];
  const { header, rows } = releaseRows(plan);
  const values = plan.releases.map((release) =>
    details(`Values of ${release.name}`, fenced("yaml", linesOf(stringify(release.values, { lineWidth: 0 })))),
  );
  return [...markdownTable(header, rows), "", ...values];
}

function namespaces(plan: Plan): string[] {
  const { header, rows } = namespaceRows(plan);
  return rows.length === 0 ? [] : markdownTable(header, rows);
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
