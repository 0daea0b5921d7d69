import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { killed, Served } from "../test/service/served";

/** Kills of the service, at random points of its life. */
const KILLS = Number(process.env["GROUNDWORK_BENCH_KILLS"] ?? "100");
const STACKS = ["one", "two", "three", "four", "five"];
/** Runs that are asked for between two kills. */
const EACH = 3;
/** A kill comes within this time after the service listens; every fifth before it does. */
const LONGEST_MS = 1200;
const EVERY_EARLY = 5;

interface Asked {
  readonly stack: string;
  /** Stands in the run's message, and is its Idempotency-Key. */
  readonly key: string;
  /** Undefined while the service has not said that it has it. */
  id?: string;
}

/** Figures of the service: what a hundred kills (-9) do to its runs, on the fake engine of its tests. */
async function main(): Promise<void> {
  const script = { up: [{ line: "does something" }, { line: "does more" }] };
  const served = new Served(Object.fromEntries(STACKS.map((name) => [name, script])), { runsAtOnce: 4 });
  const asked: Asked[] = [];
  try {
    for (let kill = 0; kill < KILLS; kill++) await oneLife(served, asked, kill % EVERY_EARLY === EVERY_EARLY - 1);
    await served.spawn();
    await ask(served, asked);
    const states = await Promise.all(
      asked.map(async ({ id = "" }) => ((await served.all(id)).at(-1)?.data as { readonly state: string }).state),
    );
    const begun = STACKS.flatMap((name) => (existsSync(`${served.project(name)}/done`) ? served.done(name) : []));
    const times = asked.map(({ key }) => begun.filter((line) => line === `begin up ${key}`).length);
    const line = (label: string, value: number, aim: string): string =>
      `${label.padEnd(34)}${String(value).padEnd(8)}${aim}\n`;
    process.stdout.write(line("kills of the service", KILLS, ""));
    process.stdout.write(line("runs asked for", asked.length, ""));
    process.stdout.write(line("runs that were lost", times.filter((count) => count === 0).length, "aim: 0"));
    process.stdout.write(line("runs that were done twice", times.filter((count) => count > 1).length, "aim: 0"));
    process.stdout.write(
      line("runs that did not succeed", states.filter((state) => state !== "succeeded").length, "aim: 0"),
    );
  } finally {
    await served.remove();
  }
}

/** Starts a service, asks it for runs, and kills it. */
async function oneLife(served: Served, asked: Asked[], isEarly: boolean): Promise<void> {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * ms));
  if (isEarly) {
    const child = served.launch();
    await pause(LONGEST_MS);
    await killed(child, "SIGKILL");
    return;
  }
  const child = await served.spawn();
  for (let at = 0; at < EACH; at++) {
    asked.push({ stack: STACKS[Math.floor(Math.random() * STACKS.length)] ?? "", key: randomUUID() });
  }
  // The kill may come in the middle of the asking: what was not acknowledged is asked again in the next life, with its key.
  await Promise.all([
    ask(served, asked).catch(() => undefined),
    pause(LONGEST_MS).then(() => killed(child, "SIGKILL")),
  ]);
}

async function ask(served: Served, asked: readonly Asked[]): Promise<void> {
  for (const one of asked.filter(({ id }) => id === undefined)) {
    const answer = await served.call("POST", `/stacks/${one.stack}/runs`, {
      body: { kind: "up", message: one.key },
      headers: { "idempotency-key": one.key },
    });
    if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
    one.id = (answer.body as { readonly id: string }).id;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
