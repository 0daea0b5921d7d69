import { readFileSync } from "node:fs";
import { basename, dirname, extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { StackPlan } from "../../automation/plan";
import type { Outcome } from "../store/operations";
import { loadEngine } from "./engine";
import { eventWriter } from "./eventLog";
import type { FenceData } from "./fence";
import { machineSeconds, readLease, type Lease } from "./lease";
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
  const { stack, engine, kind, message, planFile, interruptions, lease } = work.request;
  const isExpired = lease === undefined ? (): boolean => false : fenced(work.leaseFile, lease, cancel);
  if (isExpired()) {
    await keptAtLast(() => work.keepOutcome(CUT));
    return;
  }
  const plan = planFile === undefined ? undefined : (JSON.parse(readFileSync(planFile, "utf8")) as StackPlan);
  const outcome = await operate(
    () => loadEngine(engine).openServedStack(stack),
    { kind, message, plan, interruptions },
    { onEvent: eventWriter(work.eventFile), onPlan: (found) => work.keepPlan(found), signal: controller.signal },
  );
  // One that was done in spite of that has succeeded.
  const isCut = isExpired() && outcome.state !== "succeeded";
  await keptAtLast(() => work.keepOutcome(isCut ? CUT : outcome));
}

/** Has the run end itself when its lease has run out; gives whether it has. */
function fenced(leaseFile: string, { until, endSeconds }: Lease, cancel: () => void): () => boolean {
  let isExpired = machineSeconds() > (readLease(leaseFile) ?? until);
  const expire = (): void => {
    isExpired = true;
    cancel();
  };
  const workerData: FenceData = { leaseFile, until, endSeconds };
  // Without it, nothing may be done.
  new Worker(`${__dirname}/fence${extname(__filename)}`, { workerData }).on("message", expire).on("error", expire);
  return () => isExpired;
}

const CUT: Outcome = {
  state: "interrupted",
  error: {
    code: "interrupted",
    message: "its service was cut off from the record, or away, for too long, so that it ended itself",
    remedy: "what was done is kept by the engine; preview shows what is left to do, and up goes on",
  },
};

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
