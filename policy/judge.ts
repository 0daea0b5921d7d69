import {
  POLICY_RULES,
  policyRules,
  type PolicyLevel,
  type PolicyRule,
  type PolicySettings,
} from "../config/schema/policy";
import { placeOf, type PolicyObject } from "./object";
import { rules } from "./rules";

/** An object that does not keep to a rule. */
export interface Violation {
  readonly rule: PolicyRule;
  readonly level: Exclude<PolicyLevel, "off">;
  /** Which object: `Deployment shop/web`. */
  readonly at: string;
  /** What is wrong, to be read after the object: `container web runs shop:latest`. */
  readonly problem: string;
  /** What goes wrong with it. */
  readonly reason: string;
  /** What to write. */
  readonly remedy: string;
}

/** How much a rule counts. */
export function levelOf(rule: PolicyRule, { levels }: PolicySettings): PolicyLevel {
  return levels[rule] ?? POLICY_RULES[rule].level;
}

/** What one rule finds at one object, unless that is excepted. */
export function violationsOf(
  rule: PolicyRule,
  object: PolicyObject,
  all: readonly PolicyObject[],
  policy: PolicySettings,
): Violation[] {
  const level = levelOf(rule, policy);
  if (level === "off" || policy.exceptions.some((exception) => fits(exception, rule, object))) return [];
  const { reason, remedy, find } = rules[rule];
  return find(object, all).map((problem) => ({ rule, level, at: placeOf(object), problem, reason, remedy }));
}

/** What every rule finds. */
export function judge(objects: readonly PolicyObject[], policy: PolicySettings): Violation[] {
  return objects.flatMap((object) => policyRules.flatMap((rule) => violationsOf(rule, object, objects, policy)));
}

/** Places in `exceptions` of those that change nothing: no object is there, or it keeps to the rule by itself. */
export function needlessExceptions(objects: readonly PolicyObject[], policy: PolicySettings): number[] {
  return policy.exceptions.flatMap((exception, index) => {
    const isNeeded = objects.some(
      (object) => fits(exception, exception.rule, object) && rules[exception.rule].find(object, objects).length > 0,
    );
    return isNeeded ? [] : [index];
  });
}

function fits({ rule, at }: PolicySettings["exceptions"][number], asked: PolicyRule, object: PolicyObject): boolean {
  if (rule !== asked) return false;
  const pattern = at
    .split("*")
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^/ ]*");
  return new RegExp(`^${pattern}$`).test(placeOf(object));
}

/** One line: `Deployment shop/web: container web runs shop:latest (image-pinned): each node may …; write a tag …`. */
export function violationLine({ rule, at, problem, reason, remedy }: Violation): string {
  return `${at}: ${problem} (${rule}): ${reason}; ${remedy}`;
}
