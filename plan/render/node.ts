import { shellQuote } from "../../components/k3s/script";
import type { PlanNode, PlanStep } from "../model";
import { indent, labelled, linesOf } from "./layout";
import { plainPaint } from "./paint";
import { code, fenced, inline } from "./markdownParts";
import type { TextOptions } from "./text";

/** One node in full: every file and what every step reads. */
export function renderNodeText(node: PlanNode, { width, paint = plainPaint }: TextOptions): string {
  return [
    paint.heading(`${node.name}, ${node.role}`),
    ...facts(node).flatMap(([label, text]) => labelled(`  ${label}`, 14, text, width)),
    ...node.files.flatMap(({ path, mode, content }) => [
      "",
      paint.heading(`${path} (mode ${mode})`),
      ...indent(linesOf(content), 2),
    ]),
    ...node.steps.flatMap((step) => [
      "",
      paint.heading(`${step.name}, on ${step.runsOn}: ${step.command}`),
      ...indent(scriptLines(step), 2),
    ]),
    "",
  ].join("\n");
}

/** What it is given, then what it does; the files that it writes stand above. */
export function scriptLines({ facts, body }: PlanStep): string[] {
  return [...Object.entries(facts).map(([name, value]) => `${name}=${shellQuote(value)}`), "", ...linesOf(body)];
}

/** The same for a page or a comment. */
export function renderNodeMarkdown(node: PlanNode): string {
  return [
    `## ${inline(node.name)}, ${node.role}`,
    "",
    ...facts(node).map(([label, text]) => `- ${label}: ${inline(text)}`),
    ...node.files.flatMap(({ path, mode, content }) => [
      "",
      `### ${code(path)} (mode ${inline(mode)})`,
      "",
      ...fenced("", linesOf(content)),
    ]),
    ...node.steps.flatMap((step) => [
      "",
      `### ${code(step.name)}, on ${inline(step.runsOn)}`,
      "",
      ...fenced("sh", [`# ${step.command}`, ...scriptLines(step)]),
    ]),
    "",
  ].join("\n");
}

/** What is said of a node in a line each. */
export function facts(node: PlanNode): [label: string, text: string][] {
  const all: [string, string | undefined][] = [
    ["k3s", node.version],
    ["SSH", node.ssh],
    ["in cluster", node.internalIp],
    ["outside", node.externalIp],
    ["interface", node.interface],
    [
      "labels",
      Object.entries(node.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(" "),
    ],
    [
      "annotations",
      Object.entries(node.annotations ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(" "),
    ],
    ["taints", node.taints.join(" ")],
    ["packages", node.packages.join(" ")],
    ["protected", node.protect ? "yes" : undefined],
    [
      "lost",
      node.lost === true
        ? `${node.steps[0]?.runsOn ?? ""} has the cluster forget it, and nothing is sent to it`
        : undefined,
    ],
    ["adopt", node.adopt ? "a k3s that somebody else installed here is taken over" : undefined],
  ];
  return all.flatMap(([label, text]) => (text === undefined || text === "" ? [] : [[label, text]]));
}
