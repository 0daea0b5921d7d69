import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { Served } from "../test/service/served";
import { median } from "./measure";

const ROUNDS = 7;
const SECONDS = 3;
const CONNECTIONS = 8;
/** Processor time in /proc is counted in hundredths of a second. */
const TICKS = 100;

/** As bare as it gets: the same answer from memory. */
const BARE = `
const app = require("fastify").fastify();
const body = JSON.parse(process.argv[1]);
app.get("/stacks/:name", () => body);
app.listen({ port: 0, host: "127.0.0.1" }).then((address) => console.log(address));
`;

/** The engine without the service: opened, run, and told of by its first event. */
const BY_HAND = `
require(process.argv[1]);
const { openServedStack } = require(process.argv[2]);
openServedStack({ name: "dev", project: process.argv[3] })
  .then((stack) => stack.up({ onEvent: () => { console.log("first"); process.exit(0); } }));
`;

/**
 * Figures of the service's answers, each beside the same without the service, on the fake engine of its tests: reads beside bare Fastify,
 * and from the request for a run to the engine's first event beside the engine by hand.
 */
async function main(): Promise<void> {
  const served = new Served({ dev: { up: [{ line: "first" }] } }, { requestsPerMinute: 100_000_000 });
  let bare: ChildProcess | undefined;
  try {
    const service = await served.spawn();
    const token = await served.token("*:read");
    const answer = await served.call("GET", "/stacks/dev");
    bare = spawn(process.execPath, ["-e", BARE, JSON.stringify(answer.body)], { cwd: join(__dirname, "..") });
    const other = await firstLine(bare);
    const reads: Read[] = [];
    const bareReads: Read[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      bareReads.push(await read(`${other}/stacks/dev`, bare, ""));
      reads.push(await read(`${served.address}/stacks/dev`, service, token));
    }
    const first: number[] = [];
    const byHand: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      byHand.push(await engineByHand(served));
      first.push(await firstEvent(served));
    }
    const line = (label: string, value: string, aim = ""): void =>
      void process.stdout.write(`${label.padEnd(58)}${value.padEnd(28)}${aim}\n`);
    const of = (all: readonly Read[], what: keyof Read): number => median(all.map((one) => one[what]));
    const ratio = (what: keyof Read): number => of(reads, what) / of(bareReads, what);
    line(`answers, median of ${ROUNDS} rounds on Node ${process.versions.node}`, "");
    line(
      "reads a second, by those of bare Fastify",
      `${ratio("rate").toFixed(2)} (${of(reads, "rate").toFixed(0)} here)`,
      "aim: over 0.5",
    );
    line("processor time of a read, by that of bare Fastify", ratio("cpu").toFixed(2), "aim: under 2");
    const [through, without] = [median(first), median(byHand)];
    line(
      "POST to the engine's first event, beyond the engine by hand",
      `${(through - without).toFixed(2)} s (${(through / without).toFixed(2)} of it)`,
      "aim: within 0.3 s",
    );
  } finally {
    bare?.kill();
    await served.remove();
  }
}

interface Read {
  readonly rate: number;
  /** Processor seconds of the server for one. */
  readonly cpu: number;
}

/** Reads as fast as some connections can, for some seconds. */
async function read(url: string, server: ChildProcess, token: string): Promise<Read> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      get(url, { agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode ?? 0}`));
        response.resume().on("end", resolve);
      }).on("error", reject);
    });
  await one();
  const [start, cpu] = [process.hrtime.bigint(), cpuSeconds(server)];
  const until = Date.now() + SECONDS * 1000;
  let count = 0;
  const connection = async (): Promise<void> => {
    for (; Date.now() < until; count++) await one();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  agent.destroy();
  return { rate: count / seconds, cpu: (cpuSeconds(server) - cpu) / count };
}

function cpuSeconds({ pid = 0 }: ChildProcess): number {
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user, system] = fields.split(" ").slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) / TICKS;
}

async function firstEvent(served: Served): Promise<number> {
  const start = process.hrtime.bigint();
  const id = await served.begin("dev", "up");
  for await (const { event } of served.messages(id)) if (event === "line") break;
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  // The next round finds the stack free.
  await served.all(id);
  return seconds;
}

async function engineByHand(served: Served): Promise<number> {
  const [loader, engine] = [join(__dirname, "../bin/typescript.js"), join(__dirname, "../test/service/fakeEngine.ts")];
  const start = process.hrtime.bigint();
  await firstLine(spawn(process.execPath, ["-e", BY_HAND, loader, engine, served.project("dev")]));
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (text: Buffer) => process.stderr.write(text));
    child.stdout?.once("data", (text: Buffer) => resolve(text.toString().trim()));
    child.once("exit", (code) => reject(new Error(`it ended with ${code ?? "a signal"}`)));
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
