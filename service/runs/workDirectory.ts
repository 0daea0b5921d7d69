import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { StackPlan } from "../../automation/stacks";
import type { ServedStack } from "../settings/serviceFile";
import type { OperationKind, Outcome } from "../store/operations";
import { leaseText, type Lease } from "./lease";
import type { ProcessIdentity } from "./processIdentity";
import type { Interruption } from "./staleLock";

/** What a run's process is told; no secret is in it. */
export interface RunRequest {
  readonly stack: ServedStack;
  readonly kind: OperationKind;
  readonly message: string | undefined;
  /** File with the plan that is to be done exactly. */
  readonly planFile: string | undefined;
  /** Times within which earlier runs of the stack were killed. */
  readonly interruptions: readonly Interruption[];
  /** The module that opens the stack; see `engine.ts`. */
  readonly engine: string;
  /** Undefined: it goes on without its service for as long as it needs. */
  readonly lease: Lease | undefined;
}

/**
 * A run's own directory: what the service and the run's process tell each other. Each file is written by one of them, whole
 * or not at all, so that either may be killed at any time and the other one knows the truth.
 */
export class WorkDirectory {
  readonly path: string;

  /** @param runs The directory of all runs. */
  constructor(runs: string, id: string) {
    this.path = join(runs, id);
  }

  make(request: RunRequest): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    if (request.lease !== undefined) writeWhole(this.leaseFile, leaseText(request.lease.until));
    writeWhole(this.#file("request.json"), JSON.stringify(request));
  }

  get request(): RunRequest {
    const request = readJson<RunRequest>(this.#file("request.json"));
    if (request === undefined) throw new Error(`${this.path} has no request`);
    return request;
  }

  /** The process that does the run; undefined before it has begun. */
  get process(): ProcessIdentity | undefined {
    return readJson<ProcessIdentity>(this.#file("process.json"));
  }

  /** Takes the run for a process. False where another one has taken it: of all that are started, one does it. */
  take(identity: ProcessIdentity): boolean {
    try {
      const file = openSync(this.#file("process.json"), "wx", 0o600);
      writeSync(file, JSON.stringify(identity));
      fsyncSync(file);
      closeSync(file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  }

  get outcome(): Outcome | undefined {
    return readJson<Outcome>(this.#file("outcome.json"));
  }

  keepOutcome(outcome: Outcome): void {
    writeWhole(this.#file("outcome.json"), JSON.stringify(outcome));
  }

  /** Keeps the plan of a preview, for the run that does it. */
  keepPlan(plan: StackPlan): void {
    writeWhole(this.planFile, JSON.stringify(plan));
  }

  /** Takes the plan of a preview that ran elsewhere; gives its file. */
  takePlan(content: string): string {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    writeWhole(this.planFile, content);
    return this.planFile;
  }

  get planFile(): string {
    return this.#file("plan.json");
  }

  /** A line for each event; see `eventLog.ts`. */
  get eventFile(): string {
    return this.#file("events.ndjson");
  }

  /** What the process printed: nothing, when all is well. */
  get printedFile(): string {
    return this.#file("printed.log");
  }

  /** Until when the run may go on; see `lease.ts`. */
  get leaseFile(): string {
    return this.#file("lease");
  }

  get isCancelRequested(): boolean {
    return existsSync(this.#file("cancel"));
  }

  requestCancel(): void {
    writeWhole(this.#file("cancel"), "");
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

/** A file that is there whole or not at all. */
export function writeWhole(file: string, text: string): void {
  const partial = `${file}.partial`;
  const descriptor = openSync(partial, "w", 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(partial, file);
}

/** Undefined when the file is not there, or its process was killed before it had written it. */
function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
