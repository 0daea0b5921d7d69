import { randomUUID } from "node:crypto";
import { GroundworkError } from "../../config/groundworkError";
import type { Row, Store } from "./store";

export type OperationKind = "preview" | "up" | "refresh" | "destroy";

/**
 * - `queued`: waits for its stack or for a free place.
 * - `running`: its process was started.
 * - `succeeded`, `failed`, `cancelled`: it ended, and said how.
 * - `interrupted`: its process was killed before it could say how it ended; what it had done is kept by the engine.
 */
export type OperationState = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "interrupted";

/** How an operation ended: what the engine gave, or why it gave nothing. */
export interface Outcome {
  readonly state: Exclude<OperationState, "queued" | "running">;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: OutcomeError;
}

export interface OutcomeError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly problems?: readonly unknown[];
  readonly failures?: readonly unknown[];
}

/** What the service knows of a preview or a run. */
export interface Operation {
  readonly id: string;
  readonly stack: string;
  readonly kind: OperationKind;
  readonly state: OperationState;
  /** Name of the token that asked for it. */
  readonly requestedBy: string;
  readonly message: string | undefined;
  /** The preview whose plan it does exactly. */
  readonly preview: string | undefined;
  readonly createdAt: string;
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
  readonly isCancelRequested: boolean;
  readonly outcome: Outcome | undefined;
}

/** How many operations of one kind and state a stack has in the record. */
export interface OperationFigures {
  readonly stack: string;
  readonly kind: OperationKind;
  readonly state: OperationState;
  readonly number: number;
  /** When the newest of them ended; undefined for those that have not. */
  readonly endedAt: Date | undefined;
  /** How long that one took from its start; undefined where it never began. */
  readonly seconds: number | undefined;
}

export interface NewOperation {
  readonly stack: string;
  readonly kind: OperationKind;
  readonly requestedBy: string;
  readonly message?: string;
  readonly preview?: string;
}

/** Who takes an operation, and which. */
export interface Claim {
  /** The instance whose it is from then on; a service that has the record alone is {@link ALONE}. */
  readonly owner: string;
  /** How many of its own may run at once. */
  readonly atOnce: number;
  /** Only of these stacks; left out: of all. */
  readonly stacks?: readonly string[];
}

/** The owner of what runs, where one service has the record. */
export const ALONE = "this";

/** More than these wait in front of one stack only when a caller has gone wild. */
const MOST_QUEUED = 20;

/** The record of all operations, which is also their queue: in the order of their coming, one at a time for each stack. */
export class Operations {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date = () => new Date()) {
    this.#store = store;
    this.#now = now;
  }

  /** The same operations, as a part of a transaction. */
  within(transaction: Store): Operations {
    return new Operations(transaction, this.#now);
  }

  /** @throws GroundworkError where too many wait already. */
  async add(wanted: NewOperation): Promise<Operation> {
    const { waiting } = (await this.#store.one(
      "SELECT count(*) AS waiting FROM operations WHERE stack = ? AND state = 'queued'",
      wanted.stack,
    )) as { waiting: number };
    if (waiting >= MOST_QUEUED) {
      throw new GroundworkError<string>(
        "queue-full",
        `${waiting} operations wait for stack '${wanted.stack}' already`,
        {
          remedy: "wait until some have ended, or cancel those that nobody needs",
        },
      );
    }
    const id = randomUUID();
    await this.#store.run(
      "INSERT INTO operations (id, stack, kind, state, requested_by, message, preview, created_at) VALUES (?, ?, ?, 'queued', ?, ?, ?, ?)",
      ...[
        id,
        wanted.stack,
        wanted.kind,
        wanted.requestedBy,
        wanted.message ?? null,
        wanted.preview ?? null,
        this.#time(),
      ],
    );
    await this.#store.announce();
    return this.get(id);
  }

  async find(id: string): Promise<Operation | undefined> {
    const row = await this.#store.one("SELECT * FROM operations WHERE id = ?", id);
    return row === undefined ? undefined : operationOf(row);
  }

  /** One that is there. */
  async get(id: string): Promise<Operation> {
    const operation = await this.find(id);
    if (operation === undefined) throw new Error(`there is no operation ${id}`);
    return operation;
  }

  /** The operation that does a preview's plan. */
  async approvalOf(preview: string): Promise<Operation | undefined> {
    const row = await this.#store.one("SELECT * FROM operations WHERE preview = ?", preview);
    return row === undefined ? undefined : operationOf(row);
  }

  /** A stack's, the newest first; those before one of them where that is named. */
  async list(
    stack: string,
    { limit, before }: { readonly limit: number; readonly before?: string },
  ): Promise<Operation[]> {
    const below = "AND sequence < (SELECT sequence FROM operations WHERE id = ?)";
    const text = `SELECT * FROM operations WHERE stack = ? ${before === undefined ? "" : below} ORDER BY sequence DESC LIMIT ?`;
    return (await this.#store.all(text, stack, ...(before === undefined ? [] : [before]), limit)).map(operationOf);
  }

  /** Ids of what runs of a stack, and of its newest operation; undefined where there is none. */
  async standing(
    stack: string,
  ): Promise<{ readonly running: string | undefined; readonly latest: string | undefined }> {
    const text = `SELECT (SELECT id FROM operations WHERE stack = ? AND state = 'running') AS running,
      (SELECT id FROM operations WHERE stack = ? ORDER BY sequence DESC LIMIT 1) AS latest`;
    const row = (await this.#store.one(text, stack, stack)) as Readonly<Record<"running" | "latest", string | null>>;
    return { running: row.running ?? undefined, latest: row.latest ?? undefined };
  }

  /** What runs; only an owner's where one is named. */
  async running(owner?: string): Promise<Operation[]> {
    const whose = owner === undefined ? "" : "AND owner = ?";
    const text = `SELECT * FROM operations WHERE state = 'running' ${whose} ORDER BY sequence`;
    return (await this.#store.all(text, ...(owner === undefined ? [] : [owner]))).map(operationOf);
  }

  /** Times within which runs of a stack were killed: a lock from such a time may be theirs. The newest few. */
  async interruptions(stack: string): Promise<{ readonly id: string; readonly from: string; readonly to: string }[]> {
    return (await this.#store.all(
      `SELECT id, started_at AS "from", ended_at AS "to" FROM operations
       WHERE stack = ? AND state = 'interrupted' ORDER BY sequence DESC LIMIT 20`,
      stack,
    )) as unknown as { id: string; from: string; to: string }[];
  }

  /** Takes the oldest that can run; from then on it is `running`, whoever dies. */
  async claim({ owner, atOnce, stacks }: Claim): Promise<Operation | undefined> {
    return this.#store.transaction(async (within) => {
      // One after another: else, of two that claim at once, the second would take the second of the same stack.
      await within.lock("claims");
      const ofStacks = stacks === undefined ? "" : `AND stack IN (${stacks.map(() => "?").join(", ")})`;
      const row = await within.one(
        `UPDATE operations SET state = 'running', started_at = ?, owner = ? WHERE sequence = (
           SELECT sequence FROM operations AS next WHERE state = 'queued'
             AND (SELECT count(*) FROM operations WHERE state = 'running' AND owner = ?) < ?
             AND NOT EXISTS (SELECT 1 FROM operations WHERE state = 'running' AND stack = next.stack)
             ${ofStacks}
           ORDER BY sequence LIMIT 1) RETURNING *`,
        ...[this.#time(), owner, owner, atOnce, ...(stacks ?? [])],
      );
      return row === undefined ? undefined : operationOf(row);
    });
  }

  /** Records how one ended; the first to say so is right. */
  async end(id: string, outcome: Outcome): Promise<Operation> {
    await this.#store.run(
      "UPDATE operations SET state = ?, ended_at = ?, outcome = ? WHERE id = ? AND state IN ('queued', 'running')",
      ...[outcome.state, this.#time(), JSON.stringify(outcome), id],
    );
    await this.#store.announce();
    return this.get(id);
  }

  /** One that waits is cancelled by this; of one that runs it is noted. */
  async requestCancel(id: string): Promise<Operation> {
    return this.#store.transaction(async (within) => {
      await within.run(
        "UPDATE operations SET cancel_requested = 1 WHERE id = ? AND state IN ('queued', 'running')",
        id,
      );
      await within.announce();
      const operations = this.within(within);
      const operation = await operations.get(id);
      return operation.state === "queued" ? operations.end(id, CANCELLED_IN_QUEUE) : operation;
    });
  }

  async figures(): Promise<OperationFigures[]> {
    const text = `SELECT * FROM (
        SELECT stack, kind, state, started_at, ended_at, count(*) OVER (PARTITION BY stack, kind, state) AS number,
          row_number() OVER (PARTITION BY stack, kind, state ORDER BY coalesce(ended_at, '') DESC, sequence DESC) AS place
        FROM operations) AS placed
      WHERE place = 1 ORDER BY stack, kind, state`;
    return (await this.#store.all(text)).map((row) => {
      const [begun, ended] = ["started_at", "ended_at"].map((column) =>
        row[column] === null ? undefined : new Date(row[column] as string),
      );
      return {
        stack: row["stack"] as string,
        kind: row["kind"] as OperationKind,
        state: row["state"] as OperationState,
        number: row["number"] as number,
        endedAt: ended,
        seconds: begun === undefined || ended === undefined ? undefined : (ended.getTime() - begun.getTime()) / 1000,
      };
    });
  }

  /** Those that ended before a time, the newest of each stack left out. */
  async endedBefore(time: Date): Promise<string[]> {
    const rows = await this.#store.all(
      `SELECT id FROM operations WHERE ended_at < ?
         AND sequence NOT IN (SELECT max(sequence) FROM operations GROUP BY stack)`,
      time.toISOString(),
    );
    return rows.map(({ id }) => id as string);
  }

  async remove(id: string): Promise<void> {
    await this.#store.transaction(async (within) => {
      await within.run("DELETE FROM replays WHERE operation = ?", id);
      await within.run("DELETE FROM operations WHERE id = ?", id);
    });
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

const CANCELLED_IN_QUEUE: Outcome = {
  state: "cancelled",
  error: { code: "cancelled", message: "it was cancelled before it began", remedy: "nothing was changed" },
};

function operationOf(row: Row): Operation {
  const text = (column: string): string | undefined => (row[column] as string | null) ?? undefined;
  return {
    id: row["id"] as string,
    stack: row["stack"] as string,
    kind: row["kind"] as OperationKind,
    state: row["state"] as OperationState,
    requestedBy: row["requested_by"] as string,
    message: text("message"),
    preview: text("preview"),
    createdAt: row["created_at"] as string,
    startedAt: text("started_at"),
    endedAt: text("ended_at"),
    isCancelRequested: row["cancel_requested"] === 1,
    outcome: row["outcome"] === null ? undefined : (JSON.parse(row["outcome"] as string) as Outcome),
  };
}
