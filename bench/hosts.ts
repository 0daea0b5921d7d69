import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { closeLanes, onHost } from "../test/hosts/host";
import { member } from "../test/hosts/member";
import { whyNot } from "../test/hosts/sandbox/lane";
import { median } from "./measure";

const RUNS = 9;

/** Figures of the host program: the fault cases that it survives, and what a converge costs that changes nothing. */
async function main(): Promise<void> {
  const reason = whyNot();
  if (reason !== undefined) throw new Error(`the sandbox of host tests cannot be had: ${reason}`);
  const line = (label: string, value: string, aim: string): string => `${label.padEnd(34)}${value.padEnd(26)}${aim}\n`;
  for (const [node, role] of [
    ["s1", "server"],
    ["a1", "agent"],
  ] as const) {
    const { seconds, commands } = await noOp(node);
    const value = `${(seconds * 1000).toFixed(0)} ms, ${commands} commands`;
    process.stdout.write(line(`converge without a change, ${role}`, value, "aim: no more commands than before (48)"));
  }
  closeLanes();
  const begin = Date.now();
  const { status, stdout } = spawnSync("npm", ["run", "--silent", "test:hosts"], {
    cwd: join(__dirname, ".."),
    encoding: "utf8",
  });
  process.stdout.write(
    stdout
      .split("\n")
      .filter((one) => /of \d+ survived$/.test(one))
      .join("\n") + "\n",
  );
  process.stdout.write(line("npm run test:hosts", `${((Date.now() - begin) / 1000).toFixed(0)} s`, "aim: under 180 s"));
  if (status !== 0) throw new Error("npm run test:hosts failed");
}

/** A second converge of the same settings; the sandbox counts the programs that it starts. */
async function noOp(node: string): Promise<{ readonly seconds: number; readonly commands: number }> {
  return onHost(["server:s1", "agent:a1"], node, async (host) => {
    await member(host, ["token", "converge", "converge"]);
    const runs: { seconds: number; commands: number }[] = [];
    for (let run = 0; run < RUNS; run++) {
      const begin = process.hrtime.bigint();
      const { code, count, err } = await host.run("converge");
      if (code !== 0) throw new Error(err);
      runs.push({ seconds: Number(process.hrtime.bigint() - begin) / 1e9, commands: count });
    }
    return { seconds: median(runs.map((one) => one.seconds)), commands: median(runs.map((one) => one.commands)) };
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
