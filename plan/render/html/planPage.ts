import { filesOf, type FileVariant } from "../fileVariants";
import type { Plan, PlanNode } from "../../model";
import { facts, scriptLines } from "../node";
import { namespaceRows, nodeRows, releaseRows, type Rows } from "../planRows";
import { living, ruleText, stepsText } from "../text";
import { element, type Content } from "./element";
import { pageOf, section } from "./page";
import { codeBlock, dataTable, details, lineBlock, list, terms, yamlBlock } from "./parts";
import { resourceTable } from "./resourceTable";
import { timeline } from "./timeline";
import { topology } from "./topology";

/** The plan as one file for a browser. */
export function renderPlanPage(plan: Plan): string {
  const steps = stepsText(plan.nodes);
  return pageOf({
    kicker: "Groundwork plan",
    title: `Stack ${plan.stack} of ${plan.project}`,
    verdict: undefined,
    sections: [
      section(
        "summary",
        "Summary",
        optional(plan.summary, terms(plan.summary.map(({ label, text }) => [label, text]))),
      ),
      section("warnings", "Warnings", optional(plan.warnings, list(plan.warnings, { class: "notes" }))),
      section("policy", "Policy", policy(plan)),
      section("cluster", "Cluster", topology(plan, new Map())),
      section("nodes", "Nodes", tableOf("Table of nodes", nodeRows(plan))),
      section(
        "roll-out",
        "Roll-out",
        timeline(plan),
        steps === "" ? undefined : element("p", {}, "Each node: ", element("code", {}, steps)),
      ),
      section(
        "releases",
        "Releases",
        tableOf("Table of releases", releaseRows(plan)),
        optional(
          plan.releases,
          plan.releases.map(({ name, values }) => details(`Values of ${name}`, yamlBlock(values))),
        ),
      ),
      section("issuers", "Issuers", summaries(plan.issuers)),
      section("certificates", "Certificates", summaries(plan.certificates)),
      section("namespaces", "Namespaces", tableOf("Table of namespaces", namespaceRows(plan))),
      section("files", "Files on the nodes", files(plan)),
      section("resources", "Resources", resources(plan)),
      section("outputs", "Outputs", outputs(plan)),
    ],
    footer: "Made by 'groundwork plan' from the stack's file alone. Secrets are not in it.",
  });
}

/** One node in full as one file for a browser. */
export function renderNodePage(node: PlanNode): string {
  return pageOf({
    kicker: "Groundwork plan",
    title: `${node.name}, ${node.role}`,
    verdict: undefined,
    sections: [
      section("summary", "Summary", terms(facts(node))),
      section(
        "files",
        "Files",
        optional(
          node.files,
          node.files.map(({ path, mode, content }) => details(`${path} (mode ${mode})`, codeBlock(content))),
        ),
      ),
      section(
        "steps",
        "Steps",
        node.steps.map((step) =>
          details(`${step.name}, on ${step.runsOn}`, codeBlock(`# ${step.command}\n${scriptLines(step).join("\n")}`)),
        ),
      ),
    ],
    footer: "Made by 'groundwork plan' from the stack's file alone. Secrets are not in it.",
  });
}

function optional(all: readonly unknown[], content: Content): Content | undefined {
  return all.length === 0 ? undefined : content;
}

function policy({ policy: violations = [] }: Plan): Content | undefined {
  const items = violations.map((violation) => {
    const { level, at, problem, reason, remedy } = violation;
    return element(
      "li",
      { class: level === "refuse" ? "refused" : undefined },
      element("p", {}, element("strong", {}, `${at}: ${problem}`)),
      element("p", {}, `${ruleText(violation)}: ${reason}; ${remedy}`),
    );
  });
  return optional(violations, element("ul", { class: "notes" }, ...items));
}

function tableOf(caption: string, rows: Rows): Content | undefined {
  return optional(rows.rows, dataTable(caption, rows));
}

function summaries(all: readonly { readonly name: string; readonly summary: string }[]): Content | undefined {
  return optional(all, terms(all.map(({ name, summary }) => [name, summary])));
}

function files({ nodes }: Plan): Content | undefined {
  const all = living(nodes);
  const found = filesOf(all);
  const shown = found.map(({ path, variants }) =>
    details(
      element("code", {}, path),
      variants.map((variant) => fileVariant(variant, all.length)),
    ),
  );
  return optional(found, shown);
}

function fileVariant({ nodes, content, like }: FileVariant, all: number): Content {
  const whose = nodes.length === all ? "every node" : nodes.join(", ");
  return like === undefined
    ? [element("p", {}, `${whose}:`), codeBlock(content)]
    : [element("p", {}, `${whose}, like ${like.node} but:`), lineBlock(like.changes)];
}

function resources(plan: Plan): Content | undefined {
  const rows = plan.resources.map(({ type, name, parent, protect, inputs }) => ({
    name,
    type,
    more: [
      [parent === "" ? "" : `part of ${parent}`, protect ? "protected" : ""].filter((word) => word !== "").join(", "),
      Object.keys(inputs).length === 0 ? undefined : details("Inputs", yamlBlock(inputs)),
    ],
  }));
  return resourceTable(rows);
}

function outputs(plan: Plan): Content | undefined {
  const all = Object.entries(plan.outputs);
  return optional(
    all,
    terms(all.map(([name, value]) => [name, typeof value === "string" ? value : yamlBlock(value)] as const)),
  );
}
