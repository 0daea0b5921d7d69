import type { Violation } from "../../policy/judge";
import type { RiskyChange } from "./difference";
import type { Plan } from "../model";

/** What no longer keeps to the stack's rules, or what is refused from now on. */
export function riskyPolicy(before: Plan | undefined, after: Plan): RiskyChange[] {
  const known = new Set((before?.policy ?? []).map(keyOf));
  return (after.policy ?? [])
    .filter((violation) => !known.has(keyOf(violation)))
    .map(({ rule, level, at, problem, reason, remedy }) => ({
      what: `${at}: ${problem}`,
      happens: level === "refuse" ? `'up' refuses it (${rule}): ${reason}` : `${reason} (${rule})`,
      remedy,
    }));
}

/** What the stack's rules refuse, known before or not: an `up` does nothing then. */
export function refusedByPolicy({ policy = [] }: Plan): string[] {
  const refused = policy.filter(({ level }) => level === "refuse");
  const [first] = refused;
  if (first === undefined) return [];
  const more = refused.length === 1 ? "" : ` and ${refused.length - 1} more`;
  return [`the policy refuses: ${first.at} ${first.problem}${more}`];
}

function keyOf({ rule, level, at, problem }: Violation): string {
  return [rule, level, at, problem].join("\n");
}
