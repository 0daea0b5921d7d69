import { readFileSync } from "node:fs";
import { join } from "node:path";
import { evaluate } from "../../plan/run/evaluate";
import type { Plan } from "../../plan/model";

const ROOT = join(__dirname, "../..");
export const STACKS = ["dev", "staging", "prod"] as const;

/** The text of a committed stack's file. */
export function stackText(stack: string): string {
  return readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), "utf8");
}

/** The plan of a stack's file. */
export function planOf(text: string, stack = "dev"): Promise<Plan> {
  return evaluate({ project: "groundwork", stack, fileName: `Pulumi.${stack}.yaml`, text });
}

/** A text with one part of it replaced; fails when the part is not there. */
export function edited(text: string, ...edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`the stack's file no longer has: ${from}`);
    return before.replace(from, to);
  }, text);
}
