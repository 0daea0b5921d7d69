import { stringify } from "yaml";
import { COMMAND_TYPE } from "../run/registration";
import { nodeDocuments } from "./documents";
import type { ChangeKind } from "./difference";
import type { Plan, PlanNode, PlanResource } from "../model";

/** Something that is compared as one: what it is made of, as texts. */
export interface Subject {
  readonly kind: ChangeKind;
  readonly name: string;
  readonly type: string;
  readonly protect: boolean;
  /** Text by name, in the order in which it is shown. */
  readonly documents: ReadonlyMap<string, string>;
  readonly node: PlanNode | undefined;
}

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
      .map(([name, value]) => subject("output", name, "", new Map([["value", yaml(value)]]))),
  ];
  return new Map(subjects.map((each) => [`${each.kind} ${each.type} ${each.name}`, each]));
}

function nodeSubject(node: PlanNode): Subject {
  return { kind: "node", name: node.name, type: "", protect: node.protect, documents: nodeDocuments(node), node };
}

function resourceSubject({ type, name, inputs, protect }: PlanResource): Subject {
  const kind = kindOf(type);
  const shown = protect ? { ...inputs, "(protected)": true } : inputs;
  if (kind !== "release") return { ...subject(kind, name, type, new Map([["inputs", yaml(shown)]])), protect };
  const { values = {}, ...settings } = shown;
  const documents = new Map([
    ["settings", yaml(settings)],
    ["values", yaml(values)],
  ]);
  return { ...subject(kind, name, type, documents), protect };
}

function rolloutSubject(plan: Plan): Subject {
  const waves = plan.rollout.map(({ order, units }) => `${order} ${units.map((unit) => unit.name).join(", ")}\n`);
  return subject("roll-out", "order", "", new Map([["order", waves.join("")]]));
}

function subject(kind: ChangeKind, name: string, type: string, documents: ReadonlyMap<string, string>): Subject {
  return { kind, name, type, protect: false, documents, node: undefined };
}

function kindOf(type: string): ChangeKind {
  if (type === "kubernetes:helm.sh/v3:Release") return "release";
  if (type.endsWith(":ClusterIssuer")) return "issuer";
  return type === "kubernetes:core/v1:Namespace" ? "namespace" : "resource";
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}
