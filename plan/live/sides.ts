import { SECRET_MARK } from "../../config/secret";
import { maskValues } from "../compare/maskSecrets";
import { NODE_TYPE } from "../run/nodes";
import { COMMAND_TYPE, STACK_TYPE, type Registration } from "../run/registration";
import { nameOfUrn, planFields, type PlanValue } from "../values";
import { maskedTexts } from "./scrub";
import type { Preview, State, Step } from "./preview";

/** What stands for a secret that is another one than before: the engine says that it changes, and hides both. */
export const OTHER_SECRET = `${SECRET_MARK}, another one`;

/** A stack's resources on the sides of a preview. */
export interface Sides {
  /** As the last `up` recorded them. */
  readonly recorded: readonly Registration[];
  /** As they are: with a refresh what was found, otherwise what is recorded. */
  readonly live: readonly Registration[];
  /** As `up` would make them. */
  readonly head: readonly Registration[];
  /** The stack's outputs, as they are recorded. */
  readonly outputs: Readonly<Record<string, PlanValue>>;
  /** Inputs of which the engine says that they change, by URN. */
  readonly changed: ReadonlyMap<string, readonly string[]>;
  /** Texts of values that are a secret on the other side. */
  readonly secrets: readonly string[];
  /** Resources that are deleted and made anew, with the inputs because of which, by URN. */
  readonly replaced: ReadonlyMap<string, readonly string[]>;
}

/** The sides of a preview, each as the program's own registrations are. */
export function sidesOf({ steps }: Preview): Sides {
  const recorded = new Map<string, Registration>();
  const live = new Map<string, Registration>();
  const head = new Map<string, Registration>();
  const changed = new Map<string, string[]>();
  const replaced = new Map<string, string[]>();
  const secrets: string[] = [];
  let outputs: Readonly<Record<string, PlanValue>> = {};
  for (const step of steps) {
    const { op, urn, oldState, newState } = step;
    if (oldState?.type === STACK_TYPE) outputs = planFields(oldState.outputs);
    if ((oldState ?? newState)?.type === STACK_TYPE) continue;
    if (op === "refresh") {
      if (oldState !== undefined) recorded.set(urn, registrationOf(oldState));
      continue;
    }
    const [was, is] = statesOf(step);
    secrets.push(...secretsOf(step, was, is));
    if (was !== undefined) live.set(urn, was);
    if (is !== undefined) head.set(urn, is);
    const keys = changedKeys(step);
    if (keys.length > 0) changed.set(urn, keys);
    if (op.includes("replace")) replaced.set(urn, [...new Set([...(replaced.get(urn) ?? []), ...replacingKeys(step)])]);
  }
  for (const [urn, was] of live) if (!recorded.has(urn)) recorded.set(urn, was);
  return {
    recorded: [...recorded.values()],
    live: [...live.values()],
    head: [...head.values()],
    outputs,
    changed,
    secrets,
    replaced,
  };
}

/** Before and after, with secrets masked in both, and marked where they change. */
function statesOf(step: Step): [was: Registration | undefined, is: Registration | undefined] {
  const { op, oldState, newState } = step;
  const isGone = /^(delete|discard|remove)/.test(op);
  const was = oldState === undefined ? undefined : registrationOf(oldState);
  const is = newState === undefined || isGone ? undefined : registrationOf(newState);
  if (was === undefined || is === undefined) return [was, is];
  const { before, after } = maskValues(was.inputs, is.inputs);
  const marked = otherSecrets(after, before, { keys: changedKeys(step), at: "" }) as Registration["inputs"];
  return [
    { ...was, inputs: { ...(before as Registration["inputs"]), ...scriptOf(was) } },
    { ...is, inputs: { ...marked, ...scriptOf(is) } },
  ];
}

/** A node's script is read for what it is given, and not shown; what is a secret on one side is masked in that. */
function scriptOf(each: Registration): Registration["inputs"] {
  const { stdin } = each.inputs;
  return isNodeStep(each) && typeof stdin === "string" && stdin !== SECRET_MARK ? { stdin } : {};
}

function isNodeStep({ urn, type }: Registration): boolean {
  return type === COMMAND_TYPE && urn.includes(`${NODE_TYPE}$${COMMAND_TYPE}::`);
}

/** What the engine shows of a value that is a secret on the other side. A node's script is none: it is read, and masked by its parts. */
function secretsOf(
  { oldState, newState }: Step,
  was: Registration | undefined,
  is: Registration | undefined,
): string[] {
  const of = (state: State | undefined, masked: Registration | undefined): string[] =>
    state === undefined || masked === undefined ? [] : maskedTexts(planFields(state.inputs), masked.inputs);
  return [...of(oldState, was), ...of(newState, is)];
}

function registrationOf(state: State): Registration {
  const provider = state.provider.split("::").slice(0, 4).join("::");
  const dependsOn = new Set([...(state.dependencies ?? []), ...(provider === "" ? [] : [provider])]);
  return {
    urn: state.urn,
    type: state.type,
    name: nameOfUrn(state.urn),
    parent: state.parent,
    custom: state.custom,
    inputs: planFields(state.inputs),
    dependsOn: [...dependsOn].sort(),
    protect: state.protect,
  };
}

/** Inputs that the engine's provider calls changed: `connection`, `spec.hard.pods`. */
function changedKeys({ op, detailedDiff, diffReasons }: Step): string[] {
  return op === "same" ? [] : [...new Set([...Object.keys(detailedDiff ?? {}), ...(diffReasons ?? [])])];
}

function replacingKeys({ detailedDiff, replaceReasons }: Step): string[] {
  const kinds = Object.entries(detailedDiff ?? {}).filter(([, { kind }]) => kind.endsWith("-replace"));
  return [...new Set([...kinds.map(([key]) => key), ...(replaceReasons ?? [])])];
}

interface Path {
  /** The inputs that change. */
  readonly keys: readonly string[];
  readonly at: string;
}

/** Marks the secrets at or under an input that changes, where there was a value before. */
function otherSecrets(value: PlanValue, was: PlanValue | undefined, { keys, at }: Path): PlanValue {
  if (value === SECRET_MARK) {
    const changes = was === SECRET_MARK && keys.some((key) => key === at || at.startsWith(`${key}.`));
    return changes ? OTHER_SECRET : value;
  }
  if (typeof value !== "object" || value === null) return value;
  const inner = (key: string): PlanValue | undefined =>
    typeof was === "object" && was !== null ? (was as Readonly<Record<string, PlanValue>>)[key] : undefined;
  if (Array.isArray(value)) {
    return (value as readonly PlanValue[]).map((each, index) =>
      otherSecrets(each, inner(String(index)), { keys, at: `${at}[${index}]` }),
    );
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      otherSecrets(each, inner(key), { keys, at: at === "" ? key : `${at}.${key}` }),
    ]),
  );
}
