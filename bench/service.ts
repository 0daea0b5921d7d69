import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { PostgresServer, whyNoPostgres } from "../test/service/postgresServer";
import { killed, Served } from "../test/service/served";
import { SharedServices } from "../test/service/sharedServices";

/** Kills of a service, at random points of its life. */
const KILLS = Number(process.env["GROUNDWORK_BENCH_KILLS"] ?? "100");
const STACKS = ["one", "two", "three", "four", "five"];
/** Runs that are asked for between two kills. */
const EACH = 3;
/** A kill comes within this time after the service listens; every fifth before it does. */
const LONGEST_MS = 1200;
const EVERY_EARLY = 5;
const SCRIPT = { up: [{ line: "does something" }, { line: "does more" }] };
const SETTINGS = { runsAtOnce: 4 };

interface Asked {
  readonly stack: string;
  /** Stands in the run's message, and is its Idempotency-Key. */
  readonly key: string;
  /** Undefined while no service has said that it has it. */
  id?: string;
}

/** Figures of the service: what a hundred kills (-9) do to its runs, on the fake engine of its tests. */
async function main(): Promise<void> {
  const stacks = Object.fromEntries(STACKS.map((name) => [name, SCRIPT]));
  const alone = new Served(stacks, SETTINGS);
  try {
    process.stdout.write("One service, on SQLite\n");
    await new Kills([alone]).all();
  } finally {
    await alone.remove();
  }
  const why = whyNoPostgres();
  process.stdout.write(`\nTwo services on one PostgreSQL${why === undefined ? "" : `: left out. ${why}`}\n`);
  if (why !== undefined) return;
  const server = new PostgresServer();
  await server.make();
  const services = await SharedServices.make(server, stacks, SETTINGS);
  try {
    await new Kills([services.one, services.other]).all();
  } finally {
    await services.remove();
    await server.remove();
  }
}

/** Services with one record, each of which may be killed; asked for runs by clients that repeat what was not acknowledged. */
class Kills {
  readonly #services: readonly Served[];
  readonly #asked: Asked[] = [];
  readonly #living = new Map<Served, ChildProcess>();
  #token = "";

  constructor(services: readonly Served[]) {
    this.#services = services;
  }

  async all(): Promise<void> {
    const [first] = this.#services;
    if (first === undefined) return;
    this.#token = await first.token("*:read,up");
    for (let kill = 0; kill < KILLS; kill++) await this.#one(kill % EVERY_EARLY === EVERY_EARLY - 1);
    await this.#startAll();
    await this.#ask();
    const states = await Promise.all(
      this.#asked.map(async ({ id = "" }) => ((await first.all(id)).at(-1)?.data as { readonly state: string }).state),
    );
    const begun = STACKS.flatMap((name) => (existsSync(`${first.project(name)}/done`) ? first.done(name) : []));
    const times = this.#asked.map(({ key }) => begun.filter((line) => line === `begin up ${key}`).length);
    const line = (label: string, value: number, aim: string): string =>
      `${label.padEnd(34)}${String(value).padEnd(8)}${aim}\n`;
    process.stdout.write(line("kills of a service", KILLS, ""));
    process.stdout.write(line("runs asked for", this.#asked.length, ""));
    process.stdout.write(line("runs that were lost", times.filter((count) => count === 0).length, "aim: 0"));
    process.stdout.write(line("runs that were done twice", times.filter((count) => count > 1).length, "aim: 0"));
    process.stdout.write(
      line("runs that did not succeed", states.filter((state) => state !== "succeeded").length, "aim: 0"),
    );
  }

  /** Starts what was killed, asks for runs, and kills one of the services. */
  async #one(isEarly: boolean): Promise<void> {
    const victim = anyOf(this.#services);
    if (isEarly) {
      await this.#kill(victim);
      this.#living.set(victim, victim.launch());
      await pause();
      await this.#kill(victim);
      return;
    }
    await this.#startAll();
    for (let at = 0; at < EACH; at++) this.#asked.push({ stack: anyOf(STACKS), key: randomUUID() });
    // The kill may come in the middle of the asking: what was not acknowledged is asked again later, with its key.
    await Promise.all([this.#ask().catch(() => undefined), pause().then(() => this.#kill(victim))]);
  }

  async #startAll(): Promise<void> {
    const dead = this.#services.filter((each) => !this.#living.has(each));
    await Promise.all(dead.map(async (each) => this.#living.set(each, await each.spawn())));
  }

  async #kill(victim: Served): Promise<void> {
    const child = this.#living.get(victim);
    this.#living.delete(victim);
    if (child !== undefined) await killed(child, "SIGKILL");
  }

  async #ask(): Promise<void> {
    for (const one of this.#asked.filter(({ id }) => id === undefined)) {
      const answer = await anyOf(this.#services).call("POST", `/stacks/${one.stack}/runs`, {
        token: this.#token,
        body: { kind: "up", message: one.key },
        headers: { "idempotency-key": one.key },
      });
      if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
      one.id = (answer.body as { readonly id: string }).id;
    }
  }
}

function anyOf<T>(all: readonly T[]): T {
  return all[Math.floor(Math.random() * all.length)] as T;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_MS));

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
