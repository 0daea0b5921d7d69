import { COMMAND_TYPE } from "../run/registration";
import { nodeDocuments } from "./documents";
import type { ChangeKind } from "./difference";
import type { Plan, PlanNode, PlanResource } from "../model";
import type { PlanValue } from "../values";

/** Something that is compared as one: what it is made of, as texts or as values. */
export interface Subject {
  readonly kind: ChangeKind;
  readonly name: string;
  readonly type: string;
  readonly protect: boolean;
  /** What it is made of by name, in the order in which it is shown: texts of a node, values of everything else. */
  readonly documents: ReadonlyMap<string, Document>;
  readonly node: PlanNode | undefined;
}

export type Document = { readonly text: string } | { readonly value: PlanValue };

/** Outputs that only repeat what the nodes and issuers show themselves. */
const REPEATED_OUTPUTS = new Set(["nodes", "issuers"]);

/** Everything in a plan that can differ, by a key that stays the same between revisions. */
export function subjectsOf(plan: Plan): Map<string, Subject> {
  const steps = new Set(plan.nodes.flatMap((node) => node.steps.map((step) => step.name)));
  const subjects = [
    ...plan.nodes.map(nodeSubject),
    ...plan.resources
      .filter(({ type, name }) => !type.startsWith("groundwork:") && !(type === COMMAND_TYPE && steps.has(name)))
      .map(resourceSubject),
    rolloutSubject(plan),
    ...Object.entries(plan.outputs)
      .filter(([name]) => !REPEATED_OUTPUTS.has(name))
      .map(([name, value]) => subject("output", name, "", new Map([["value", { value }]]))),
  ];
  return new Map(subjects.map((each) => [`${each.kind} ${each.type} ${each.name}`, each]));
}

function nodeSubject(node: PlanNode): Subject {
  const documents = new Map([...nodeDocuments(node)].map(([name, text]) => [name, { text }] as const));
  return { kind: "node", name: node.name, type: "", protect: node.protect, documents, node };
}

function resourceSubject({ type, name, inputs, protect }: PlanResource): Subject {
  const kind = kindOf(type);
  const shown = protect ? { ...inputs, "(protected)": true } : inputs;
  if (kind !== "release") return { ...subject(kind, name, type, new Map([["inputs", { value: shown }]])), protect };
  const { values = {}, ...settings } = shown;
  const documents = new Map([
    ["settings", { value: settings }],
    ["values", { value: values }],
  ]);
  return { ...subject(kind, name, type, documents), protect };
}

function rolloutSubject(plan: Plan): Subject {
  const waves = plan.rollout.map(({ order, units }) => `${order} ${units.map((unit) => unit.name).join(", ")}\n`);
  return subject("roll-out", "order", "", new Map([["order", { text: waves.join("") }]]));
}

function subject(kind: ChangeKind, name: string, type: string, documents: ReadonlyMap<string, Document>): Subject {
  return { kind, name, type, protect: false, documents, node: undefined };
}

export function kindOf(type: string): ChangeKind {
  if (type === "kubernetes:helm.sh/v3:Release") return "release";
  if (type.endsWith(":ClusterIssuer")) return "issuer";
  return type === "kubernetes:core/v1:Namespace" ? "namespace" : "resource";
}
