import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { GroundworkError } from "../../config/groundworkError";
import { machineSeconds, type Lease } from "../runs/lease";
import { writeWhole } from "../runs/workDirectory";
import type { Operation, Operations } from "../store/operations";
import type { Store } from "../store/store";
import { Turns } from "../store/turns";

/** Parts of `goneSeconds`: signs of life, how long a run lives without one, how long it then may take. What is left over is the margin. */
const BEAT = 1 / 12;
const LEASE = 1 / 2;
const END = 1 / 4;

/**
 * This service among those that share a record: who it is, its signs of life, and the leases that its runs have by them. What is counted
 * on is never the time of day of any machine: others look how long the number of signs stays the same, by the clock of their own.
 */
export class Instance {
  readonly id: string;
  readonly beatMs: number;
  readonly #store: Store;
  readonly #operations: Operations;
  readonly #goneSeconds: number;
  /** Tells this process from one of a directory that was copied. */
  readonly #holder = randomUUID();
  /** Of two signs, the later one knows more. */
  readonly #turns = new Turns();
  #leases = new Map<string, number>();

  constructor(parts: {
    readonly store: Store;
    readonly operations: Operations;
    readonly directory: string;
    readonly goneSeconds: number;
  }) {
    this.#store = parts.store;
    this.#operations = parts.operations;
    this.#goneSeconds = parts.goneSeconds;
    this.id = identityIn(parts.directory);
    this.beatMs = parts.goneSeconds * 1000 * BEAT;
  }

  /**
   * Says that it is here, with what a service before it in the same directory has left running. While there is some, it may have a
   * lease by the longer `goneSeconds` of that one.
   */
  async join(): Promise<void> {
    await this.#signed(async (within) => {
      await within.run(
        `INSERT INTO instances (id, holder, host, beats, gone_seconds, seen_at) VALUES (?, ?, ?, 0, ?, now())
         ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, host = excluded.host,
           gone_seconds = greatest(excluded.gone_seconds, CASE WHEN EXISTS (
             SELECT 1 FROM operations WHERE owner = excluded.id AND state = 'running') THEN instances.gone_seconds END)`,
        ...[this.id, this.#holder, hostname(), this.#goneSeconds],
      );
    });
  }

  /** A sign of life; gives what runs here, and renews its leases. */
  async beat(): Promise<Operation[]> {
    return this.#signed(() => Promise.resolve());
  }

  async claim(limits: { readonly atOnce: number; readonly stacks: readonly string[] }): Promise<Operation | undefined> {
    let claimed: Operation | undefined;
    await this.#signed(async (within) => {
      claimed = await this.#operations.within(within).claim({ owner: this.id, ...limits });
    });
    return claimed;
  }

  leaseOf(id: string): Lease {
    const until = this.#leases.get(id);
    if (until !== undefined) return { until, endSeconds: this.#goneSeconds * END };
    throw new GroundworkError<string>("interrupted", "another service has ended the operation", {
      remedy: "look at the operation",
    });
  }

  /** Until when each of its runs may go on. */
  get leases(): ReadonlyMap<string, number> {
    return this.#leases;
  }

  /**
   * Does work of this instance's and signs it as a sign of life, in this order in one transaction: who ends an instance's operations
   * has its row first, and what is read here afterwards is without them.
   */
  async #signed(work: (within: Store) => Promise<void>): Promise<Operation[]> {
    return this.#turns.take(() => this.#sign(work));
  }

  async #sign(work: (within: Store) => Promise<void>): Promise<Operation[]> {
    // Before it is sent: others count from later on.
    const from = machineSeconds();
    const own = await this.#store.transaction(async (within) => {
      // Who claims waits for its turn before it has a row.
      await work(within);
      const text = "UPDATE instances SET beats = beats + 1, seen_at = now() WHERE id = ? AND holder = ?";
      if ((await within.run(text, this.id, this.#holder)) === 0) {
        throw new GroundworkError("failed", "another service has the identity of this one: its directory was copied", {
          remedy: "give each service a directory of its own, and remove 'instance' from one that was copied",
        });
      }
      return this.#operations.within(within).running(this.id);
    });
    const until = from + this.#goneSeconds * LEASE;
    this.#leases = new Map(own.map(({ id }) => [id, until]));
    return own;
  }
}

/** Who a service is, over its restarts. */
function identityIn(directory: string): string {
  const file = join(directory, "instance");
  const known = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (/^[0-9a-f-]{36}$/.test(known)) return known;
  const id = randomUUID();
  writeWhole(file, id);
  return id;
}
