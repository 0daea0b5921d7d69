import { spawn } from "node:child_process";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { messageOf } from "../error";
import { labDown } from "../hosts/down";
import { withLock } from "../lock";
import { CHECKOUT, labPaths } from "../paths";
import { printedProgress } from "../progress";
import { BENCH_LAB, type BenchOptions } from "./options";

const paths = labPaths(BENCH_LAB);
const progress = printedProgress({ print: (line) => process.stderr.write(`${line}\n`) });

/**
 * Figures measured on a lab of its own, printed and never asserted: figures on standard output, progress on standard
 * error. A process of its own measures, so that however that one ends (a failure, Ctrl-C) the lab is taken down here.
 */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(3));
  process.exitCode = await withLock(paths, "bench lab", async () => {
    const signals = rememberSignals();
    // What a run that was killed has left.
    await labDown(BENCH_LAB, paths, progress, false);
    try {
      return signals.last() ?? (await measureApart(options, signals));
    } finally {
      await labDown(BENCH_LAB, paths, progress, false);
      signals.forget();
    }
  });
}

function readOptions(args: readonly string[]): BenchOptions {
  const program = new Command("npm run bench -- lab")
    .description("Measures a lab and prints the figures.")
    .option("--sizes <counts>", "nodes of the clusters that are brought up, e.g. 3,10,30", sizes, [3])
    .option("--agents <count>", "measure the memory of one server and so many agents, e.g. 50", wholeNumber)
    .option(
      "--certificates",
      "measure the issuing of certificates, on a lab of one server and two agents, and nothing else",
    )
    .option("--k3s <source>", "hollow, real, or the path of a k3s binary", "hollow")
    .addOption(new Option("--engine <engine>", "default: Pulumi where its CLI can be had").choices(["pulumi", "lab"]))
    .option("--install-docker", "where no container engine runs: install Debian's docker.io, and start one for the lab")
    .allowExcessArguments(false)
    .parse([...args], { from: "user" });
  return program.opts<BenchOptions>();
}

interface Signals {
  /** Exit code for the signal that came last; undefined when none came. */
  readonly last: () => number | undefined;
  readonly onSignal: (tell: (signal: NodeJS.Signals) => void) => void;
  readonly forget: () => void;
}

/** Signals end the measuring, not the taking down. */
function rememberSignals(): Signals {
  let last: number | undefined;
  let tell = (_signal: NodeJS.Signals): void => undefined;
  const on = (signal: NodeJS.Signals): void => {
    last = signal === "SIGINT" ? 130 : 143;
    progress.note("bench: interrupted; the lab is taken down");
    tell(signal);
  };
  const names = ["SIGINT", "SIGTERM"] as const;
  for (const name of names) process.on(name, on);
  return {
    last: () => last,
    onSignal: (next) => {
      tell = next;
    },
    forget: () => {
      for (const name of names) process.off(name, on);
    },
  };
}

async function measureApart(options: BenchOptions, signals: Signals): Promise<number> {
  const typescript = join(CHECKOUT, "bin", "typescript.js");
  const args = ["--require", typescript, join(__dirname, "measuring.ts"), JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  signals.onSignal((signal) => child.kill(signal));
  return await new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => {
      done(signals.last() ?? code ?? 1);
    });
  });
}

function sizes(text: string): number[] {
  const counts = text.split(",").map(wholeNumber);
  if (counts.every((count) => count >= 2)) return counts;
  throw new InvalidArgumentError("Write numbers of nodes from 2, separated by commas.");
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number.");
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  process.exitCode = 1;
});
