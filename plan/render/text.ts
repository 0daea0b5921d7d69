import { stringify } from "yaml";
import { filesOf, type FileVariant } from "./fileVariants";
import type { Violation } from "../../policy/judge";
import type { Plan, PlanNode, Wave } from "../model";
import type { PlanValue } from "../values";
import { indent, labelled, linesOf, table, wrap } from "./layout";
import { limitsText } from "./limitsText";
import { plainPaint, type Paint } from "./paint";

export interface TextOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly paint?: Paint;
}

/** Files whose content is the site's own; the others are the same in every cluster. */
const SITE_FILES = /^\/etc\/(rancher\/|resolv)/;

/** The plan for a terminal: the cluster on one screen, then what it is made of. */
export function renderText(plan: Plan, { width, paint = plainPaint }: TextOptions): string {
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", paint.heading(title), ...lines];
  const inner = width - 2;
  return [
    ...summary(plan, width, paint),
    ...section(`Warnings (${plan.warnings.length})`, warnings(plan, inner, paint)),
    ...section(`Policy (${(plan.policy ?? []).length})`, policy(plan, inner, paint)),
    ...section(`Nodes (${plan.nodes.length})`, nodes(plan, inner)),
    ...section("Roll-out order", rollout(plan, inner)),
    ...section(`Releases (${plan.releases.length})`, releases(plan, inner, paint)),
    ...section(`Issuers (${plan.issuers.length})`, summaries(plan.issuers, inner)),
    ...section(`Certificates (${plan.certificates.length})`, summaries(plan.certificates, inner)),
    ...section(`Namespaces (${plan.namespaces.length})`, namespaces(plan, inner)),
    ...section("Files on the nodes", files(plan, inner, paint)),
    ...section("Outputs", outputs(plan, inner)),
    "",
  ].join("\n");
}

function summary(plan: Plan, width: number, paint: Paint): string[] {
  const labelWidth = Math.max(...plan.summary.map(({ label }) => label.length)) + 4;
  return [
    paint.heading(`Stack ${plan.stack} of ${plan.project}`),
    ...plan.summary.flatMap(({ label, text }) => labelled(`  ${label}`, labelWidth, text, width)),
  ];
}

function warnings(plan: Plan, width: number, paint: Paint): string[] {
  return plan.warnings.flatMap((warning) => {
    const [first = "", ...rest] = wrap(warning, width - 2);
    return [`  ${paint.warning("!")} ${first}`, ...rest.map((line) => `    ${line}`)];
  });
}

function policy({ policy: violations = [] }: Plan, width: number, paint: Paint): string[] {
  return violations.flatMap((violation) => {
    const [first = "", ...rest] = wrap(`${violation.at}: ${violation.problem}`, width - 2);
    const mark = violation.level === "refuse" ? paint.removed("✗") : paint.warning("!");
    const why = wrap(`${ruleText(violation)}: ${violation.reason}; ${violation.remedy}`, width - 4);
    return [`  ${mark} ${first}`, ...rest.map((line) => `    ${line}`), ...why.map((line) => `      ${line}`)];
  });
}

/** The rule, with what becomes of it. */
export function ruleText({ rule, level }: Violation): string {
  return level === "refuse" ? `${rule}, refused by 'up'` : rule;
}

function nodes(plan: Plan, width: number): string[] {
  if (plan.nodes.length === 0) return [];
  const versions = new Set(plan.nodes.map((node) => node.version));
  const rows = plan.nodes.map((node) => [
    node.name,
    node.role,
    node.ssh,
    node.internalIp ?? "",
    versions.size > 1 ? node.version : "",
    node.packages.join(" "),
  ]);
  const [header = "", ...lines] = table(["NAME", "ROLE", "SSH", "IN CLUSTER", "K3S", "PACKAGES"], rows);
  const details = plan.nodes.map((node) => [
    ...detail(
      "labels",
      Object.entries(node.labels).map(([key, value]) => `${key}=${value}`),
      width,
    ),
    ...Object.entries(node.annotations ?? {}).flatMap(([key, value]) =>
      detail("annotation", [`${key}=${value}`], width),
    ),
    ...detail("taints", node.taints, width),
    ...(node.protect ? ["  protected"] : []),
    ...(node.adopt ? ["  takes over a k3s that is there"] : []),
    ...(node.lost === true
      ? [`  lost: ${node.steps[0]?.runsOn ?? ""} has the cluster forget it, and nothing is sent to it`]
      : []),
  ]);
  return indent([header, ...lines.flatMap((line, index) => [line, ...(details[index] ?? [])])], 2);
}

function detail(label: string, words: readonly string[], width: number): string[] {
  return words.length === 0 ? [] : labelled(`  ${label}`, 10, words.join(" "), width);
}

function rollout(plan: Plan, width: number): string[] {
  const labelWidth = String(plan.rollout.length).length + 4;
  const waves = plan.rollout.flatMap((wave) => labelled(`  ${wave.order}`, labelWidth, waveText(wave), width));
  const steps = stepsText(plan.nodes);
  return steps === "" ? waves : [...waves, ...labelled("  each node: ", 13, steps, width)];
}

/** `birch, cedar (agents)`, what is of one kind together. */
export function waveText({ units }: Wave): string {
  const names = (kind: string): string[] => units.filter((unit) => unit.kind === kind).map((unit) => unit.name);
  const group = (kind: string, one: string, many: string): string[] => {
    const found = [...new Set(names(kind))];
    return found.length === 0 ? [] : [`${found.join(", ")} (${found.length === 1 ? one : many})`];
  };
  return [
    ...group("server", "server", "servers"),
    ...group("agent", "agent", "agents"),
    ...group("lost", "lost: forgotten", "lost: forgotten"),
    ...group("release", "release", "releases"),
    ...new Set(names("resource")),
  ].join(", ");
}

/** The nodes that something is sent to. */
export function living(nodes: readonly PlanNode[]): PlanNode[] {
  return nodes.filter((node) => node.lost !== true);
}

/** The remote commands of a node in their order, where they are the same for every node. */
export function stepsText(planned: readonly PlanNode[]): string {
  const texts = living(planned).map(({ name, steps }) =>
    steps.map((step) => (step.name === name ? "<node>" : step.name.replace(name, "<node>"))).join(", "),
  );
  return new Set(texts).size === 1 ? (texts[0] ?? "") : "";
}

function releases(plan: Plan, width: number, paint: Paint): string[] {
  const rows = plan.releases.map((release) => [
    release.name,
    release.version,
    release.namespace,
    release.protect ? "yes" : "",
  ]);
  const [header = "", ...lines] = table(["NAME", "VERSION", "NAMESPACE", "PROTECTED"], rows);
  const sources = plan.releases.map(({ chart, repo }) =>
    labelled("  chart", 10, repo === "" ? chart : `${chart} of ${repo}`, width),
  );
  const values = plan.releases.flatMap((release) =>
    isEmpty(release.values)
      ? []
      : ["", `  ${paint.faint("values of")} ${release.name}`, ...indent(yamlLines(release.values), 4)],
  );
  if (plan.releases.length === 0) return [];
  return [...indent([header, ...lines.flatMap((line, index) => [line, ...(sources[index] ?? [])])], 2), ...values];
}

function summaries(all: readonly { readonly name: string; readonly summary: string }[], width: number): string[] {
  const labelWidth = Math.max(0, ...all.map(({ name }) => name.length)) + 4;
  return all.flatMap(({ name, summary }) => labelled(`  ${name}`, labelWidth, summary, width));
}

function namespaces(plan: Plan, width: number): string[] {
  const labelWidth = Math.max(0, ...plan.namespaces.map(({ name }) => name.length)) + 4;
  return plan.namespaces.flatMap((namespace) => {
    const parts = [
      part("labels", namespace.labels),
      part("quota", namespace.quota),
      ...limitsText(namespace.limits),
      namespace.networkPolicies.length === 0 ? "" : `network policies ${namespace.networkPolicies.join(" ")}`,
      namespace.pullSecrets.length === 0 ? "" : `images are pulled with ${namespace.pullSecrets.join(", ")}`,
      ...namespace.access.map((team) => `team ${team}`),
    ].filter((text) => text !== "");
    const [first = "nothing limits it", ...rest] = parts;
    return [
      ...labelled(`  ${namespace.name}`, labelWidth, first, width),
      ...rest.flatMap((text) => labelled("", labelWidth, text, width)),
    ];
  });
}

function part(label: string, record: Readonly<Record<string, PlanValue>>): string {
  const entries = Object.entries(record).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : flow(value)}`,
  );
  return entries.length === 0 ? "" : `${label} ${entries.join(" ")}`;
}

function files(plan: Plan, width: number, paint: Paint): string[] {
  const overview = filesOf(living(plan.nodes));
  const site = overview.filter(({ path }) => SITE_FILES.test(path));
  const others = overview.filter(({ path }) => !SITE_FILES.test(path));
  const shown = site.flatMap(({ path, variants }) => [
    `  ${path}`,
    ...variants.flatMap((variant) => fileVariant(variant, living(plan.nodes).length, paint)),
  ]);
  if (others.length === 0) return shown;
  const list = others.flatMap(({ path }) => [`    ${path}`]);
  return [...shown, ...indent(wrap("and these, which '--node NAME' prints:", width), 2), ...list];
}

function fileVariant({ nodes: names, content, like }: FileVariant, all: number, paint: Paint): string[] {
  const whose = names.length === all ? "every node" : names.join(", ");
  if (like === undefined) return [`    ${paint.faint(whose)}`, ...indent(linesOf(content), 6)];
  const lines = like.changes.map(({ sign, text }) => {
    const line = `      ${sign} ${text}`;
    return sign === "+" ? paint.added(line) : paint.removed(line);
  });
  return [`    ${paint.faint(`${whose}: like ${like.node}, but`)}`, ...lines];
}

function outputs(plan: Plan, width: number): string[] {
  const entries = Object.entries(plan.outputs);
  const labelWidth = Math.max(0, ...entries.map(([name]) => name.length)) + 4;
  return entries.flatMap(([name, value]) =>
    labelled(`  ${name}`, labelWidth, typeof value === "string" ? value : flow(value), width),
  );
}

function flow(value: PlanValue): string {
  return JSON.stringify(value);
}

function yamlLines(value: PlanValue): string[] {
  return linesOf(stringify(value, { lineWidth: 0 }));
}

function isEmpty(value: PlanValue): boolean {
  return typeof value === "object" && (value === null || Object.keys(value).length === 0);
}
