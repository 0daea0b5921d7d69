import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { duration, printedProgress } from "../../lab/progress";

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
      await sleep(35);
    });
    assert.match(lines[0] ?? "", /^ {2}… hollow k3s \(12 packages compiled\): 0\.\d s$/);
    assert.ok(lines.length >= 3);
  });

  it("counts what goes on beside", async () => {
    const lines: string[] = [];
    const progress = printedProgress({ print: (line) => lines.push(line), tickMs: 10 });
    await Promise.all(["a", "b", "c"].map((name) => progress.step(name, async () => await sleep(15))));
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
