import { pathText, type Change } from "./diff";
import { isObject, isSecret, mapSecrets, type Value, type Values } from "./propertyValues";
import type { ResourceState } from "./state";
import type { Goal, ReplacementRules, Step } from "./step";

/** One step of a preview, in the form of `pulumi preview --json --show-sames`: what reads the one reads the other. */
export interface PreviewStep {
  readonly op: Step["operation"] | "delete";
  readonly urn: string;
  readonly oldState?: PreviewState;
  readonly newState?: PreviewState;
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string }>>;
}

interface PreviewState {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly inputs: Value;
  readonly outputs: Value;
  readonly parent?: string;
  readonly provider?: string;
  readonly dependencies: readonly string[];
  readonly protect: boolean;
}

/** What a registration would do. */
export function previewStep(
  goal: Goal,
  { operation: op, inputs, changes }: Step,
  old: ResourceState | undefined,
  rules: ReplacementRules,
): PreviewStep {
  const { urn, type, custom, parent, provider, dependencies, protect = false } = goal;
  const newState = { urn, type, custom, ...pairs({ parent, provider }), dependencies, protect };
  const kindOf = (change: Change): string => {
    const kind = change.before === undefined ? "add" : change.after === undefined ? "delete" : "update";
    return rules.replaces(change, old?.inputs ?? {}, inputs) ? `${kind}-replace` : kind;
  };
  return {
    op,
    urn,
    ...(old === undefined ? {} : { oldState: recorded(old) }),
    newState: { ...newState, inputs: masked(inputs), outputs: {} },
    ...(old === undefined || changes.length === 0
      ? {}
      : {
          detailedDiff: Object.fromEntries(
            changes.map((change) => [pathText(shownPath(change, old.inputs, inputs)), { kind: kindOf(change) }]),
          ),
        }),
  };
}

/** What would be deleted. */
export function previewDeletion(resource: ResourceState): PreviewStep {
  return { op: "delete", urn: resource.urn, oldState: recorded(resource) };
}

function recorded({ urn, type, custom, parent, provider, dependencies, protect, inputs, outputs }: ResourceState) {
  const rest = { ...pairs({ parent, provider }), dependencies, protect };
  return { urn, type, custom, ...rest, inputs: masked(inputs), outputs: masked(outputs) };
}

function pairs(fields: Readonly<Record<"parent" | "provider", string | undefined>>) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function masked(values: Values): Value {
  return mapSecrets(values, () => "[secret]");
}

/** As far as a person may follow it: a secret is one value, and what differs within is not told. */
function shownPath({ path }: Change, ...sides: readonly Values[]): Change["path"] {
  const lengths = sides.map((side) => {
    let value: Value = side;
    for (const [at, part] of path.entries()) {
      value = isObject(value)
        ? value[part]
        : Array.isArray(value)
          ? (value as readonly Value[])[Number(part)]
          : undefined;
      if (isSecret(value)) return at + 1;
    }
    return path.length;
  });
  return path.slice(0, Math.min(...lengths));
}
