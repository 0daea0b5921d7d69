import * as assert from "node:assert/strict";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { watchPlan } from "../../cli/runPlan";
import { plainPaint } from "../../plan/render/paint";
import { projectOfCommittedStacks } from "./capture";

describe("groundwork plan --watch", function () {
  this.timeout(60_000);

  it("shows the plan again when the stack's file changes, and goes on after a mistake in it", async () => {
    const project = projectOfCommittedStacks();
    const file = join(project, "Pulumi.dev.yaml");
    const text = readFileSync(file, "utf8");
    let [out, err] = ["", ""];
    const ended = new AbortController();
    const terminal = {
      cwd: project,
      env: {},
      width: 100,
      paint: plainPaint,
      out: (more: string) => void (out += more),
      err: (more: string) => void (err += more),
    };
    const until = async (what: () => boolean): Promise<void> => {
      while (!what()) await sleep(20);
    };
    const times = (words: string): number => out.split(words).length - 1;
    try {
      const watching = watchPlan({ stack: "dev", format: "text", watch: true }, terminal, ended.signal);
      await until(() => times("Stack dev of") === 1);
      writeFileSync(file, text.replace("disk: ssd", "disk: nvme"));
      await until(() => times("Stack dev of") === 2);
      assert.match(out, /Pulumi\.dev\.yaml changed\n[^]*disk=nvme/);
      // As an editor does: another file in its place.
      writeFileSync(`${file}.new`, "config:\n  groundwork:nodes: {}\n");
      renameSync(`${file}.new`, file);
      await until(() => err !== "");
      assert.match(err, /The settings of stack 'dev' have/);
      writeFileSync(file, text);
      await until(() => times("Stack dev of") === 3);
      // The same text once more is no change.
      writeFileSync(file, text);
      await sleep(400);
      ended.abort();
      assert.equal(await watching, 0);
      assert.equal(times("Stack dev of"), 3);
    } finally {
      ended.abort();
      rmSync(project, { recursive: true });
    }
  });

  it("refuses the standard input, which ends", async () => {
    const terminal = { cwd: ".", env: {}, width: 100, paint: plainPaint, out: () => undefined, err: () => undefined };
    const watching = watchPlan({ format: "text", live: "-" }, terminal, new AbortController().signal);
    await assert.rejects(watching, /--watch: the standard input ends; write --live FILE/);
  });
});
