import { machineSeconds } from "../runs/lease";
import type { Operation, Operations, Outcome } from "../store/operations";
import type { Store } from "../store/store";

interface Seen {
  readonly beats: number;
  /** When that number was seen first, in {@link machineSeconds}. */
  readonly since: number;
}

/**
 * The other instances that have something under way. One whose number of signs has stayed the same for as long as it said itself is
 * gone, and so are its runs (`lease.ts`): what it had is ended here, so that its stacks' next ones have their turn.
 */
export class Others {
  readonly #store: Store;
  readonly #operations: Operations;
  readonly #id: string;
  readonly #clock: () => number;
  #seen = new Map<string, Seen>();

  constructor(parts: { store: Store; operations: Operations; id: string; clock?: () => number }) {
    this.#store = parts.store;
    this.#operations = parts.operations;
    this.#id = parts.id;
    this.#clock = parts.clock ?? machineSeconds;
  }

  /** Looks at all once; gives the operations that were ended. */
  async look(): Promise<Operation[]> {
    const rows = await this.#store.all(
      `SELECT id, host, beats, gone_seconds FROM instances
       WHERE id <> ? AND id IN (SELECT owner FROM operations WHERE state = 'running')`,
      this.#id,
    );
    // Not before: what was read is at least as old as this.
    const now = this.#clock();
    const before = this.#seen;
    this.#seen = new Map(
      rows.map(({ id, beats }) => {
        const seen = before.get(id as string);
        const isSame = seen !== undefined && seen.beats === beats;
        return [id as string, isSame ? seen : { beats: beats as number, since: now }];
      }),
    );
    const gone = rows.filter(({ id, gone_seconds: seconds }) => {
      const since = this.#seen.get(id as string)?.since ?? now;
      return now - since > (seconds as number);
    });
    const ended = await Promise.all(
      gone.map((row) => this.#end(row["id"] as string, row["beats"] as number, interrupted(row))),
    );
    return ended.flat();
  }

  /** Whoever is back in the meantime has another number, or waits for its row until this is done. */
  async #end(id: string, beats: number, outcome: Outcome): Promise<Operation[]> {
    return this.#store.transaction(async (within) => {
      const row = await within.one("SELECT id FROM instances WHERE id = ? AND beats = ? FOR UPDATE", id, beats);
      if (row === undefined) return [];
      const operations = this.#operations.within(within);
      const ended: Operation[] = [];
      for (const operation of await operations.running(id)) ended.push(await operations.end(operation.id, outcome));
      return ended;
    });
  }
}

function interrupted({ host, gone_seconds: seconds }: Readonly<Record<string, unknown>>): Outcome {
  const error = {
    code: "interrupted",
    message: `its service on '${String(host)}' was not seen for ${String(seconds)} seconds`,
    remedy:
      "what was done is kept by the engine; preview shows what is left to do, and up goes on. Where the next run says 'locked', 'pulumi cancel' takes the lock away",
  };
  return { state: "interrupted", error };
}
