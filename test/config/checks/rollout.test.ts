import * as assert from "node:assert/strict";
import { problemLine } from "../../../config/problem";
import { parseSettings } from "../../../config/read/parse";
import { windowAt, windowText } from "../../../config/rolloutWindow";
import { errors, settingsFrom, stack, warnings } from "../fixtures";

const NIGHT = { days: ["fri", "sat"], startTime: "22:00", endTime: "04:00", timeZone: "Europe/Berlin" };

describe("rollout.check", () => {
  const check = (more: Record<string, unknown>): string[] => errors(stack({ rollout: { check: more } }));

  it("is a command or a Job, and not both", () => {
    assert.deepEqual(check({}), ["rollout.check: has neither a command nor a job; write one of the two"]);
    assert.deepEqual(
      check({ command: "true", job: {} })[0],
      "rollout.check: has both a command and a job; write one of the two",
    );
    assert.deepEqual(check({ command: "true" }), []);
  });

  it("says all that a Job lacks at once", () => {
    assert.deepEqual(check({ job: { kind: "Pod", metadata: { name: "Smoke" } } }), [
      "rollout.check.job: is not a Job; begin it with 'apiVersion: batch/v1' and 'kind: Job'",
      "rollout.check.job.metadata.name: is not a name for a Job; write lower-case letters, digits and '-', at most 50",
      "rollout.check.job.spec.template.spec.containers: has no container; write at least one, with name and image",
      "rollout.check.job.spec.template.spec.restartPolicy: must be said, and the API refuses Jobs with another one; write Never or OnFailure",
    ]);
    const job = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "smoke" },
      spec: {
        template: { spec: { restartPolicy: "Never", containers: [{ name: "smoke", image: "example/smoke:1" }] } },
      },
    };
    assert.deepEqual(check({ job }), []);
  });
});

describe("rollout.window", () => {
  const window = (more: Record<string, unknown>): string[] =>
    errors(stack({ rollout: { window: { ...NIGHT, ...more } } }));

  it("is refused with times, days and zones that no host understands", () => {
    assert.deepEqual(window({}), []);
    assert.deepEqual(window({ startTime: 1320 }), [
      'rollout.window.startTime: 1320 is a number to YAML, not text; write it in quotes: "1320"',
    ]);
    assert.deepEqual(window({ endTime: "4:00" }), [
      'rollout.window.endTime: "4:00" is not a time of day; write hours and minutes, like "22:00"',
    ]);
    assert.deepEqual(window({ endTime: "24:00" }), []);
    assert.deepEqual(window({ endTime: "22:00" }), [
      'rollout.window.endTime: is the same as startTime, so whether it is never or always open is not clear; write another one; "00:00" to "24:00" is a whole day',
    ]);
    assert.deepEqual(window({ timeZone: "Europe/Berln" }), [
      'rollout.window.timeZone: "Europe/Berln" is not the name of a time zone; write one like Europe/Berlin, or UTC',
    ]);
    // Node takes it, and no host has a file of this name.
    assert.deepEqual(window({ timeZone: "europe/berlin" }), [
      'rollout.window.timeZone: "europe/berlin" is not the name of a time zone; write Europe/Berlin',
    ]);
    assert.deepEqual(window({ timeZone: "+02:00" }).length, 1);
    assert.deepEqual(window({ openUntil: "tomorrow" }), [
      'rollout.window.openUntil: is not a moment with its zone; write one in quotes, like "2026-11-28T23:00:00Z"',
    ]);
  });

  it("is a warning before an up while it is closed, with the moment at which it opens", () => {
    const said = (now: string, more: Record<string, unknown> = {}): string[] =>
      parseSettings(stack({ rollout: { window: { ...NIGHT, ...more } } }), {
        stack: "test",
        missingSecrets: "error",
        now: new Date(now),
      }).warnings.map(problemLine);
    assert.deepEqual(said("2026-11-28T12:00:00Z"), [
      "rollout.window: is closed now (fri, sat 22:00 to 04:00 (Europe/Berlin)), so an 'up' that would restart k3s on a node is refused until sat 2026-11-28 22:00 (Europe/Berlin); wait for it, or set rollout.window.openUntil for one that cannot wait",
    ]);
    assert.deepEqual(said("2026-11-28T21:00:00Z"), []);
    assert.deepEqual(said("2026-11-28T12:00:00Z", { openUntil: "2026-11-28T13:00:00+01:00" }).length, 1);
    assert.deepEqual(said("2026-11-28T11:00:00Z", { openUntil: "2026-11-28T13:00:00+01:00" }), [
      "rollout.window.openUntil: opens it until 2026-11-28T12:00:00Z, whatever the hour; take it out again when it is not meant any more",
    ]);
    assert.deepEqual(warnings(stack({ rollout: { window: NIGHT } })), [], "nothing without a clock");
  });

  it("belongs to the day on which it opens, and follows the clocks of its zone", () => {
    const { window: night } = settingsFrom({ rollout: { window: NIGHT } }).rollout;
    assert.ok(night !== undefined);
    const at = (now: string): string => {
      const { isOpen, opens } = windowAt(night, new Date(now));
      return isOpen ? "open" : (opens ?? "never").replace(" (Europe/Berlin)", "");
    };
    assert.equal(windowText(night), "fri, sat 22:00 to 04:00 (Europe/Berlin)");
    assert.equal(at("2026-11-27T20:59:00Z"), "fri 2026-11-27 22:00");
    assert.equal(at("2026-11-27T21:00:00Z"), "open");
    assert.equal(at("2026-11-28T02:59:00Z"), "open", "the small hours of Saturday are Friday's");
    assert.equal(at("2026-11-28T03:00:00Z"), "sat 2026-11-28 22:00");
    assert.equal(at("2026-11-29T02:30:00Z"), "open");
    assert.equal(at("2026-11-29T03:00:00Z"), "fri 2026-12-04 22:00");
    assert.equal(at("2026-11-28T01:00:00Z"), "open");
    // Summer time: two hours before UTC.
    assert.equal(at("2026-07-03T19:59:00Z"), "fri 2026-07-03 22:00");
    assert.equal(at("2026-07-03T20:00:00Z"), "open");
  });
});
