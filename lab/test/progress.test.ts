import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { duration, printedProgress } from "../progress";

describe("the lab's progress", () => {
  it("says when something is done and how long it took", async () => {
    const lines: string[] = [];
    let clock = 0;
    const progress = printedProgress({ print: (line) => lines.push(line), now: () => clock });
    await progress.step("host server-1", async () => {
      clock = 4100;
    });
    assert.deepEqual(lines, ["  ✓ host server-1 (4.1 s)"]);
  });

  it("is not silent while something goes on, and says what with its latest detail", async () => {
    const lines: string[] = [];
    const progress = printedProgress({ print: (line) => lines.push(line), tickMs: 10 });
    await progress.step("hollow k3s", async (tell) => {
      tell("12 packages compiled");
      while (lines.length < 2) await sleep(1);
    });
    assert.match(lines[0] ?? "", /^ {2}… hollow k3s \(12 packages compiled\): \d+(\.\d)? s$/);
    assert.match(lines.at(-1) ?? "", /^ {2}✓ hollow k3s /);
  });

  it("counts what goes on beside", async () => {
    const lines: string[] = [];
    const progress = printedProgress({ print: (line) => lines.push(line), tickMs: 10 });
    const untilSaid = async (): Promise<void> => {
      while (lines.length === 0) await sleep(1);
    };
    await Promise.all(["a", "b", "c"].map((name) => progress.step(name, untilSaid)));
    assert.match(lines[0] ?? "", /^ {2}… a, and 2 more: /);
  });

  it("says nothing of success when something fails, and stops ticking", async () => {
    const lines: string[] = [];
    const progress = printedProgress({ print: (line) => lines.push(line), tickMs: 10 });
    await assert.rejects(
      progress.step("a", async () => {
        throw new Error("no");
      }),
    );
    await sleep(25);
    assert.deepEqual(lines, []);
  });

  it("tells times as people do", () => {
    assert.deepEqual([400, 12_000, 200_000].map(duration), ["0.4 s", "12 s", "3 min 20 s"]);
  });
});
