import * as fs from "node:fs/promises";
import * as path from "node:path";
import { z } from "zod";
import { planForUp } from "./enginePlan";
import { planDiffers } from "./errors";
import { bringsEncryption, stackFile, type StackPlace, type Work } from "./workspace";

// The engine's own file of a preview (`--save-plan`), which holds what may be done and what every input must be.

const contentSchema = z.strictObject({
  engine: z.string(),
  /** For a stack that was not there: how its secrets are encrypted, in the lines of a stack's file. */
  encryption: z.string().optional(),
  /** Whether the stack was there. */
  stackWasThere: z.boolean(),
});

/** What a plan of the engine holds. */
export type PlanContent = z.output<typeof contentSchema>;

/** Where a preview writes it, and `up` reads it. */
export function engineFile(directory: string): string {
  return path.join(directory, "plan.json");
}

/** The content of the plan that a preview wrote. */
export async function readPlan({ directory, is }: Work, place: StackPlace): Promise<string> {
  const engine = planForUp(await fs.readFile(engineFile(directory), "utf8"));
  const encryption =
    is === "ephemeral" && bringsEncryption(place)
      ? await fs.readFile(stackFile(directory, place.name), "utf8")
      : undefined;
  const content: PlanContent = { engine, encryption, stackWasThere: is !== "ephemeral" };
  return JSON.stringify(content);
}

/**
 * What is in a plan that was handed back.
 *
 * @throws StackError `plan-differs` when nobody could read its secrets now.
 */
export function openPlan(content: string, stack: string): PlanContent {
  const plan = contentSchema.parse(JSON.parse(content));
  if (plan.stackWasThere || plan.encryption !== undefined) return plan;
  const problem =
    "was not there when the plan was made, and its backend encrypts secrets with a key of the stack's own";
  const remedy = "make it first (up without a plan, or pulumi stack init), and preview again";
  throw planDiffers(stack, [{ path: "stack", problem, remedy }]);
}

/** Runs what a plan is for, and says so where there is another stack by now than the plan was made of, or none. */
export async function asPlanned<Result>(stack: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    const said = String(error);
    const problem = /no stack named .* found/.test(said)
      ? "is not there any more"
      : // The engine's words for what was encrypted with another key of the same passphrase.
        said.includes("cipher: message authentication failed")
        ? "was made since, and is not the one that the plan is for"
        : undefined;
    throw problem === undefined ? error : planDiffers(stack, [{ path: "stack", problem, remedy: "" }]);
  }
}

/** Puts the engine's file where `up` reads it. */
export async function writePlan(directory: string, { engine }: PlanContent): Promise<string> {
  const file = engineFile(directory);
  await fs.writeFile(file, engine, { mode: 0o600 });
  return file;
}
