import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Plan } from "../plan/model";
import { manyNodes } from "./manyNodes";
import { measure, median, type Measured } from "./measure";

/** Rounds; the order within a round is fixed, so that each program meets the same neighbours. */
const ROUNDS = 5;
const NODES = 200;

const root = join(__dirname, "..");
const command = join(root, "bin", "groundwork.js");

/**
 * Figures of the offline plan, as ratios within this run: seconds alone tell more of the machine than of the program.
 * They are printed, not asserted.
 */
async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "groundwork-bench-"));
  try {
    writeFileSync(join(directory, "Pulumi.yaml"), "name: bench\nruntime: nodejs\n");
    writeFileSync(join(directory, "Pulumi.many.yaml"), manyNodes(NODES));
    const bare = ["-e", 'require("@pulumi/pulumi")'];
    const dev = [command, "plan", "--stack", "dev", "--cwd", root];
    const many = [command, "plan", "--stack", "many", "--cwd", directory];
    // The first run fills the cache of transpiled files.
    await measure(dev, root);
    const rounds: Record<"bare" | "dev" | "many", Measured>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({ bare: await measure(bare, root), dev: await measure(dev, root), many: await measure(many, root) });
    }
    const { out } = await measure([command, "plan", "--stack", "dev", "--json", "--cwd", root], root);
    print(rounds, JSON.parse(out) as Plan);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function print(rounds: readonly Record<"bare" | "dev" | "many", Measured>[], plan: Plan): void {
  const of = (program: "bare" | "dev" | "many", what: "seconds" | "cpuSeconds" | "peakMb"): number =>
    median(rounds.map((round) => round[program][what]));
  const ratio = (program: "dev" | "many"): string =>
    (["seconds", "cpuSeconds"] as const).map((what) => (of(program, what) / of("bare", what)).toFixed(2)).join(" (") +
    " of CPU)";
  const line = (label: string, value: string, aim: string): string => `${label.padEnd(34)}${value.padEnd(20)}${aim}\n`;
  const resources = plan.nodes.map((node) => node.steps.length + 1);
  const connections = plan.nodes.map((node) => node.steps.length);
  const seconds = `${of("bare", "seconds").toFixed(2)} s here`;
  const text = [
    `plan, median of ${ROUNDS} runs on Node ${process.versions.node}; 1 = require("@pulumi/pulumi") alone, ${seconds}\n`,
    line("time of plan for dev", ratio("dev"), "aim: at most 2"),
    line(`time of plan for ${NODES} nodes`, ratio("many"), "aim: at most 3"),
    line(`memory of plan for ${NODES} nodes`, `${of("many", "peakMb").toFixed(0)} MB`, "aim: under 500 MB"),
    line("resources a node costs", String(median(resources)), "its component included"),
    line("SSH connections a new node costs", String(median(connections)), "aim: at most 4"),
  ];
  process.stdout.write(text.join(""));
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
