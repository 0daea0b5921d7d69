import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { GroundworkError } from "../../config/groundworkError";
import type { ServedStack } from "../settings/serviceFile";
import type { Operation, Operations, Outcome } from "../store/operations";
import { UNREACHABLE } from "../store/postgresErrors";
import { Turns } from "../store/turns";
import type { Ownership } from "./ownership";
import { isAlive, isOfThisBoot, sessionOf, type ProcessIdentity } from "./processIdentity";
import { startRun } from "./startProcess";
import { WorkDirectory } from "./workDirectory";

export interface SupervisorOptions {
  readonly operations: Operations;
  /** Which of them are this service's. */
  readonly ownership: Ownership;
  /** Directory of the runs' own directories. */
  readonly runs: string;
  readonly stacks: ReadonlyMap<string, ServedStack>;
  readonly runsAtOnce: number;
  /** File of the module that opens stacks. */
  readonly engine: string;
  /** Told of each beginning and end, for the log. */
  readonly onChange: (operation: Operation) => void;
  /** Told of what should not happen. */
  readonly onError: (error: unknown) => void;
}

/** How often a process that is not this one's child is looked at: such a one cannot be waited for. */
const LOOK_MS = 250;
/** When something is tried again that a full disk has refused. */
const RETRY_MS = 5000;
/** How long what a killed run has left behind may take to end by itself. */
const LEFT_BEHIND_MS = 10_000;

/** Starts what waits, follows what runs, and records how it ended. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #followed = new Map<string, Promise<void>>();
  readonly #claims = new Turns();
  #isStopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Takes up what a service before this one has left running, then goes on with what waits. */
  async start(): Promise<void> {
    await this.#claims.take(() => this.#takeUp());
    this.wake();
  }

  /** Follows each that runs and is not followed yet, once: requests come, and runs end, while it is asked for them. */
  async #takeUp(): Promise<void> {
    const known = new Set(this.#followed.keys());
    const running = await this.#options.operations.running(this.#options.ownership.owner);
    for (const operation of running.filter(({ id }) => !known.has(id))) this.#follow(operation);
  }

  /** Starts as much as may run now. To be called when something was added. */
  wake(): void {
    void this.#claims
      .take(() => this.#startAll())
      .catch((error: unknown) => {
        // What waits is on the disk; a full one has room again some day.
        this.#options.onError(error);
        setTimeout(() => this.wake(), RETRY_MS).unref();
      });
  }

  async #startAll(): Promise<void> {
    while (!this.#isStopping) {
      const next = await this.#options.ownership.claim(this.#options.runsAtOnce);
      if (next === undefined) return;
      this.#options.onChange(next);
      this.#follow(next);
    }
  }

  /** Cancels an operation: one that waits at once, one that runs in good order. */
  async cancel(id: string): Promise<Operation> {
    const operation = await this.#options.operations.requestCancel(id);
    if (operation.state === "running") this.#tellCancel(id);
    else if (operation.state === "cancelled") this.#options.onChange(operation);
    return operation;
  }

  /** Does what other services have asked for: to cancel some of its own, and to start what waits. */
  look(own: readonly Operation[]): void {
    for (const { id, isCancelRequested } of own) if (isCancelRequested) this.#tellCancel(id);
    // The record has given it to this service, and the connection broke before the answer came.
    const isMissed = own.some(({ id }) => !this.#followed.has(id));
    if (isMissed && !this.#isStopping) void this.#claims.take(() => this.#takeUp()).catch(this.#options.onError);
    this.wake();
  }

  #tellCancel(id: string): void {
    const work = this.workOf(id);
    // The run of another service has no directory here.
    if (!existsSync(work.path)) return;
    if (!work.isCancelRequested) work.requestCancel();
    signal(work.process, "SIGTERM");
  }

  /** Starts nothing more; what runs may end within so many milliseconds, and is cancelled in good order after that. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    // What is claimed at this moment is followed, too.
    await this.#claims.take(() => undefined);
    const ended = Promise.all(this.#followed.values());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), graceMs)));
    if ((await Promise.race([ended, late])) === "late") {
      for (const id of this.#followed.keys()) {
        this.#tellCancel(id);
        await this.cancel(id).catch(this.#options.onError);
      }
      await ended;
    }
    clearTimeout(timer);
  }

  /** Ids of the runs whose directories were made before a time. */
  directoriesBefore(time: Date): string[] {
    const { runs } = this.#options;
    const all = existsSync(runs) ? readdirSync(runs) : [];
    return all.filter((id) => (statSync(join(runs, id), { throwIfNoEntry: false })?.mtime ?? time) < time);
  }

  workOf(id: string): WorkDirectory {
    return new WorkDirectory(this.#options.runs, id);
  }

  async #begin(operation: Operation): Promise<ChildProcess | undefined> {
    const { id, kind, message, preview, stack: name } = operation;
    const stack = this.#options.stacks.get(name);
    // The operator has taken the stack away while it waited.
    if (stack === undefined) return undefined;
    const interruptions = await this.#options.operations.interruptions(name);
    const work = this.workOf(id);
    work.make({
      stack,
      kind,
      message,
      planFile: preview === undefined ? undefined : await this.#options.ownership.planFile(preview, work),
      interruptions: interruptions.map(({ id: killed, from, to }) => {
        const before = this.workOf(killed).process;
        return { from, to, isOfEarlierBoot: before !== undefined && !isOfThisBoot(before) };
      }),
      engine: this.#options.engine,
      lease: this.#options.ownership.leaseOf(id),
    });
    // Who cancels says so in the record first, and then here, if there is a place yet.
    if ((await this.#options.operations.get(id)).isCancelRequested) work.requestCancel();
    return startRun({ directory: work.path, cwd: stack.project, printed: work.printedFile });
  }

  #follow(operation: Operation): void {
    const followed = this.#toItsEnd(operation)
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        this.#followed.delete(operation.id);
        this.wake();
      });
    this.#followed.set(operation.id, followed);
  }

  async #toItsEnd(operation: Operation): Promise<void> {
    const work = this.workOf(operation.id);
    const handedOn = this.#options.ownership.handOn(operation, work);
    // A service that was killed between the two steps has claimed it and not begun. Should its process be on the way after
    // all, one of both takes the run, and the other one ends.
    const startError = work.process === undefined ? await this.#begun(operation) : undefined;
    const runner = work.process;
    if (runner !== undefined) {
      while (isAlive(runner)) await pause(LOOK_MS);
      if (work.outcome === undefined) await endSession(runner);
    }
    const outcome = work.outcome ?? (runner === undefined ? this.#notBegun(operation, startError) : INTERRUPTED);
    await this.#record(operation.id, outcome, handedOn);
  }

  /** Begins it and waits for the end of its process; gives why there was none. What was claimed and cannot begin has an end, too. */
  async #begun(operation: Operation): Promise<Error | undefined> {
    for (;;) {
      try {
        const child = await this.#begin(operation);
        return child === undefined ? undefined : await ended(child);
      } catch (error) {
        this.#options.onError(error);
        const isWorthAgain = GroundworkError.isInstance(error) && error.code === UNREACHABLE && !this.#isStopping;
        if (!isWorthAgain) return error instanceof Error ? error : new Error(String(error));
        await pause(RETRY_MS);
      }
    }
  }

  #notBegun({ id, stack }: Operation, error: Error | undefined): Outcome {
    if (GroundworkError.isInstance(error)) {
      return { state: "failed", error: { code: error.code, message: error.message, remedy: error.remedy } };
    }
    const remedy = "nothing was changed; ask the operator";
    if (!this.#options.stacks.has(stack)) {
      const message = `the service has no stack '${stack}' any more`;
      return { state: "failed", error: { code: "unknown-stack", message, remedy } };
    }
    const message = `its process could not be started: ${error?.message ?? `see ${this.workOf(id).printedFile}`}`;
    return { state: "failed", error: { code: "not-started", message, remedy } };
  }

  /** The stack is nobody else's before its run's end is on the disk. */
  async #record(id: string, outcome: Outcome, handedOn: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await handedOn();
        this.#options.onChange(await this.#options.operations.end(id, outcome));
        return;
      } catch (error) {
        // The next service finds the outcome in the run's directory.
        if (this.#isStopping) throw error;
        this.#options.onError(error);
        await pause(RETRY_MS);
      }
    }
  }
}

const INTERRUPTED: Outcome = {
  state: "interrupted",
  error: {
    code: "interrupted",
    message: "its process was killed before it could say how it ended",
    remedy: "what was done is kept by the engine; preview shows what is left to do, and up goes on",
  },
};

/** Waits for a child's end; gives why it could not be started. */
async function ended(child: ChildProcess): Promise<Error | undefined> {
  return new Promise((resolve) => child.once("exit", () => resolve(undefined)).once("error", resolve));
}

/** The engine of a run that was killed may still be at work, and has the stack: it is asked to end, then made to. */
async function endSession(leader: ProcessIdentity): Promise<void> {
  for (let waited = 0; sessionOf(leader).length > 0; waited += LOOK_MS) {
    if (waited === 0) sessionOf(leader).forEach((pid) => kill(pid, "SIGINT"));
    if (waited >= LEFT_BEHIND_MS) sessionOf(leader).forEach((pid) => kill(pid, "SIGKILL"));
    await pause(LOOK_MS);
  }
}

function signal(identity: ProcessIdentity | undefined, name: NodeJS.Signals): void {
  if (identity !== undefined && isAlive(identity)) kill(identity.pid, name);
}

function kill(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It has ended in the meantime.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
