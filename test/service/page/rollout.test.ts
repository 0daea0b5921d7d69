import * as assert from "node:assert/strict";
import type { ResourceName } from "../../../automation/resourceName";
import { markupOf } from "../../../plan/render/html/element";
import { Rollout } from "../../../service/page/rollout";
import { rolloutList } from "../../../service/page/rolloutTable";
import type { RecordedEvent } from "../../../service/runs/eventLog";

type Phase = "planned" | "started" | "done" | "failed";
type Operation = Extract<RecordedEvent, { kind: "step" }>["operation"];

const resource = (name: string, node?: string): ResourceName => ({
  ...{ urn: `urn:${name}`, type: "command:remote:Command", name },
  ...(node === undefined ? {} : { node }),
});

function step(second: number, phase: Phase, on: ResourceName, operation: Operation = "create"): RecordedEvent {
  return { kind: "step", at: new Date(second * 1000).toISOString(), phase, operation, resource: on };
}

/** What a person reads: a line for each machine and each resource. */
function read(rollout: Rollout, isOver = false): string[] {
  return markupOf(rolloutList(rollout, isOver))
    .replace(/<thead>.*?<\/thead>/g, "")
    .split(/<\/h3>|<\/tr>/)
    .map((line) =>
      line
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((line) => line !== "");
}

const [atlas, drain, birch, shop] = [
  resource("atlas", "atlas"),
  resource("atlas-drain", "atlas"),
  resource("birch", "birch"),
  resource("shop"),
];

describe("the roll-out on the page", () => {
  it("has the resources by machine in the order of their start, with their states and times", () => {
    const rollout = new Rollout();
    const events = [
      step(0, "started", drain),
      step(5, "done", drain),
      step(5, "started", atlas),
      step(6, "started", birch, "delete"),
      step(7, "started", shop, "update"),
      step(80, "done", atlas),
      step(90, "failed", shop, "update"),
    ];
    for (const event of events) rollout.take(event);
    assert.deepEqual(read(rollout), [
      "atlas all done in 1 min 20 s",
      "atlas-drain remote:Command done 00:00:00 5 s",
      "atlas remote:Command done 00:00:05 1 min 15 s",
      "birch 0 of 1 done",
      "birch remote:Command deleting 00:00:06 since 00:00:06",
      "The cluster itself 1 failed",
      "shop remote:Command failed 00:00:07 1 min 23 s",
    ]);
    assert.deepEqual(read(rollout, true).slice(4, 5), ["birch remote:Command deleting: end not known 00:00:06"]);
  });

  it("shows what waits where the plan is known", () => {
    const planned = [drain, birch].map((one) => ({ resource: one, operation: "update", properties: [] }) as const);
    const rollout = new Rollout(planned);
    rollout.take(step(0, "started", birch, "update"));
    assert.deepEqual(read(rollout), [
      "atlas waits",
      "atlas-drain remote:Command waiting",
      "birch 0 of 1 done",
      "birch remote:Command updating 00:00:00 since 00:00:00",
    ]);
    assert.deepEqual(read(rollout, true).slice(0, 2), ["atlas was not begun", "atlas-drain remote:Command not begun"]);
  });

  it("takes the steps of a replacement for one", () => {
    const rollout = new Rollout();
    rollout.take(step(0, "started", atlas, "create-replacement"));
    rollout.take(step(3, "done", atlas, "create-replacement"));
    rollout.take(step(4, "started", atlas, "delete-replaced"));
    assert.deepEqual(read(rollout).slice(1), ["atlas remote:Command replacing 00:00:00 since 00:00:00"]);
    rollout.take(step(9, "done", atlas, "delete-replaced"));
    assert.deepEqual(read(rollout).slice(1), ["atlas remote:Command done 00:00:00 9 s"]);
  });

  it("shows what a preview would do as it finds it", () => {
    const rollout = new Rollout();
    rollout.take(step(0, "planned", birch, "delete"));
    assert.deepEqual(read(rollout), ["birch 1 change", "birch remote:Command delete"]);
  });
});
