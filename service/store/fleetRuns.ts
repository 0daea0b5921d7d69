import { randomUUID } from "node:crypto";
import type { Fleet } from "../settings/fleetSettings";
import type { OperationKind, OperationState, Outcome } from "./operations";
import type { Row, Store } from "./store";

/** What may be done with many stacks at once. None of them is destroyed this way. */
export type FleetKind = Exclude<OperationKind, "destroy">;

/** `stopped`: a wave was bad, and no further stack was begun. */
export type FleetRunState = "running" | "succeeded" | "stopped" | "cancelled";

/** One change of a fleet. */
export interface FleetRun {
  readonly id: string;
  readonly fleet: string;
  readonly kind: FleetKind;
  readonly state: FleetRunState;
  /** Name of the token that asked for it, or for it to go on. */
  readonly requestedBy: string;
  readonly message: string | undefined;
  readonly atOnce: number;
  readonly mayFail: number;
  readonly isCancelRequested: boolean;
  readonly createdAt: string;
  readonly endedAt: string | undefined;
}

/** One stack of it. `checking`: it was changed, and the fleet's gate is asked. */
export interface FleetStack {
  readonly place: number;
  readonly wave: number;
  readonly stack: string;
  readonly state: "waiting" | "running" | "checking" | "done" | "failed";
  readonly operation: string | undefined;
  /** Undefined where there is none (any more). */
  readonly operationState: OperationState | undefined;
  readonly isCancelRequested: boolean;
  readonly code: string | undefined;
  readonly problem: string | undefined;
}

/** The record of changes of many stacks. */
export class FleetRuns {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date = () => new Date()) {
    this.#store = store;
    this.#now = now;
  }

  /** The same, as a part of a transaction. */
  within(transaction: Store): FleetRuns {
    return new FleetRuns(transaction, this.#now);
  }

  /** Adds one with its stacks, none of them begun. */
  async add(
    { name, waves, atOnce, mayFail }: Fleet,
    wanted: { readonly kind: FleetKind; readonly requestedBy: string; readonly message?: string | undefined },
  ): Promise<FleetRun> {
    const id = randomUUID();
    await this.#store.run(
      "INSERT INTO fleet_runs (id, fleet, kind, state, requested_by, message, at_once, may_fail, created_at) VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?)",
      ...[id, name, wanted.kind, wanted.requestedBy, wanted.message ?? null, atOnce, mayFail, this.#time()],
    );
    const stacks = waves.flatMap((names, at) => names.map((stack) => ({ stack, wave: at + 1 })));
    for (const [place, { stack, wave }] of stacks.entries()) {
      await this.#store.run(
        "INSERT INTO fleet_stacks (run, place, wave, stack, state) VALUES (?, ?, ?, ?, 'waiting')",
        ...[id, place, wave, stack],
      );
    }
    return this.get(id);
  }

  async find(id: string): Promise<FleetRun | undefined> {
    const row = await this.#store.one("SELECT * FROM fleet_runs WHERE id = ?", id);
    return row === undefined ? undefined : runOf(row);
  }

  /** One that is there. */
  async get(id: string): Promise<FleetRun> {
    const run = await this.find(id);
    if (run === undefined) throw new Error(`there is no run ${id} of a fleet`);
    return run;
  }

  /** A fleet's, the newest first. */
  async list(fleet: string, limit: number): Promise<FleetRun[]> {
    const text = "SELECT * FROM fleet_runs WHERE fleet = ? ORDER BY created_at DESC, id LIMIT ?";
    return (await this.#store.all(text, fleet, limit)).map(runOf);
  }

  async running(): Promise<FleetRun[]> {
    return (await this.#store.all("SELECT * FROM fleet_runs WHERE state = 'running' ORDER BY created_at, id")).map(
      runOf,
    );
  }

  /** Its stacks in the order of the waves. */
  async stacks(id: string): Promise<FleetStack[]> {
    const text = `SELECT fleet_stacks.*, operations.state AS operation_state, operations.cancel_requested
      FROM fleet_stacks LEFT JOIN operations ON operations.id = fleet_stacks.operation WHERE run = ? ORDER BY place`;
    return (await this.#store.all(text, id)).map(stackOf);
  }

  /**
   * In a transaction: takes a run for one step, so that of several services that share a record one makes it, and the next one sees what
   * it did. Undefined when it does not run (any more).
   */
  async take(id: string): Promise<FleetRun | undefined> {
    const taken = await this.#store.run(
      "UPDATE fleet_runs SET steps = steps + 1 WHERE id = ? AND state = 'running'",
      id,
    );
    return taken === 1 ? this.get(id) : undefined;
  }

  /** Sets how a stack stands, unless somebody else was quicker. */
  async set(
    id: string,
    { place, state: before }: FleetStack,
    to: Pick<FleetStack, "state"> & Partial<Pick<FleetStack, "operation" | "code" | "problem">>,
  ): Promise<void> {
    const { state, operation = null, code = null, problem = null } = to;
    await this.#store.run(
      "UPDATE fleet_stacks SET state = ?, operation = coalesce(?, operation), code = ?, problem = ? WHERE run = ? AND place = ? AND state = ?",
      ...[state, operation, code, problem, id, place, before],
    );
  }

  async end(id: string, state: Exclude<FleetRunState, "running">): Promise<void> {
    await this.#store.run("UPDATE fleet_runs SET state = ?, ended_at = ? WHERE id = ?", state, this.#time(), id);
  }

  /** Notes it of one that runs. */
  async requestCancel(id: string): Promise<FleetRun> {
    await this.#store.run("UPDATE fleet_runs SET cancel_requested = 1 WHERE id = ? AND state = 'running'", id);
    return this.get(id);
  }

  /** In a transaction: has one go on that has ended; what is done in it stays so. */
  async resume(id: string, requestedBy: string): Promise<FleetRun> {
    await this.#store.run(
      "UPDATE fleet_runs SET state = 'running', ended_at = NULL, cancel_requested = 0, requested_by = ? WHERE id = ?",
      ...[requestedBy, id],
    );
    await this.#store.run(
      "UPDATE fleet_stacks SET state = 'waiting', operation = NULL, code = NULL, problem = NULL WHERE run = ? AND state = 'failed'",
      id,
    );
    return this.get(id);
  }

  /** Removes those that ended before a time, the newest of each fleet left out. */
  async removeEndedBefore(time: Date): Promise<void> {
    const text = `SELECT id FROM fleet_runs AS run WHERE ended_at < ? AND EXISTS
      (SELECT 1 FROM fleet_runs WHERE fleet = run.fleet AND created_at > run.created_at)`;
    for (const { id } of await this.#store.all(text, time.toISOString())) {
      await this.#store.transaction(async (within) => {
        for (const table of ["replays WHERE operation", "fleet_stacks WHERE run", "fleet_runs WHERE id"]) {
          await within.run(`DELETE FROM ${table} = ?`, id as string);
        }
      });
    }
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

/** What an operation's end means for its stack, before any gate. Pure. */
export function endOf(outcome: Outcome | undefined): Pick<FleetStack, "state" | "code" | "problem"> {
  if (outcome?.state === "succeeded") return { state: "done", code: undefined, problem: undefined };
  const { code = outcome?.state ?? "gone", message: problem = "the operation is not in the record" } =
    outcome?.error ?? {};
  return { state: "failed", code, problem };
}

function runOf(row: Row): FleetRun {
  return {
    id: row["id"] as string,
    fleet: row["fleet"] as string,
    kind: row["kind"] as FleetKind,
    state: row["state"] as FleetRunState,
    requestedBy: row["requested_by"] as string,
    message: (row["message"] as string | null) ?? undefined,
    atOnce: Number(row["at_once"]),
    mayFail: Number(row["may_fail"]),
    isCancelRequested: Number(row["cancel_requested"]) === 1,
    createdAt: row["created_at"] as string,
    endedAt: (row["ended_at"] as string | null) ?? undefined,
  };
}

function stackOf(row: Row): FleetStack {
  const text = (column: string): string | undefined => (row[column] as string | null) ?? undefined;
  return {
    place: Number(row["place"]),
    wave: Number(row["wave"]),
    stack: row["stack"] as string,
    state: row["state"] as FleetStack["state"],
    operation: text("operation"),
    operationState: text("operation_state") as OperationState | undefined,
    isCancelRequested: Number(row["cancel_requested"] ?? 0) === 1,
    code: text("code"),
    problem: text("problem"),
  };
}
