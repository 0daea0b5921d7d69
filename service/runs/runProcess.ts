import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { StackPlan } from "../../automation/plan";
import { loadEngine } from "./engine";
import { eventWriter } from "./eventLog";
import { operate } from "./operate";
import { ownIdentity } from "./processIdentity";
import { WorkDirectory } from "./workDirectory";

const RETRY_MS = 1000;

/**
 * The process of one run: `node runProcess.js DIRECTORY`. It outlives the service, and what it finds out stands in its directory.
 * SIGTERM and SIGINT cancel the run in good order.
 */
async function main(directory: string): Promise<void> {
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  process.on("SIGTERM", cancel).on("SIGINT", cancel);
  const work = new WorkDirectory(dirname(directory), basename(directory));
  if (!work.take(ownIdentity())) return;
  // In this order: a cancel that came before the line above found no process to tell.
  if (work.isCancelRequested) cancel();
  const { stack, engine, kind, message, planFile, interruptions } = work.request;
  const plan = planFile === undefined ? undefined : (JSON.parse(readFileSync(planFile, "utf8")) as StackPlan);
  const outcome = await operate(
    () => loadEngine(engine).openServedStack(stack),
    { kind, message, plan, interruptions },
    { onEvent: eventWriter(work.eventFile), onPlan: (found) => work.keepPlan(found), signal: controller.signal },
  );
  await keptAtLast(() => work.keepOutcome(outcome));
}

/** A full disk has room again some day, and until then nobody else shall have the stack. */
async function keptAtLast(keep: () => void): Promise<void> {
  for (;;) {
    try {
      return keep();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

// What a library still holds open must not keep a run from ending.
/* eslint-disable no-restricted-properties -- this file is a door: the program of a process */
void main(process.argv[2] ?? "").then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
