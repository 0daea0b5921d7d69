import * as assert from "node:assert/strict";
import { problemLine } from "../../config/problem";
import { isSchedule } from "../../workloads/objects/schedule";
import { readScheduledJob, scheduledJobObjects, type ScheduledJobSettings } from "../../workloads/objects/scheduledJob";
import { objectOf, pod, podOf } from "./arguments";

const least: ScheduledJobSettings = { ...pod, schedule: "30 3 * * *", timeoutSeconds: 1800 };
const read = (more: object, facts = {}): ReturnType<typeof readScheduledJob> =>
  readScheduledJob("report", { ...least, ...more }, facts);

describe("a scheduled job", () => {
  it("runs once at a time, has an end, and is tried again", () => {
    const { job, problems } = read({ timeZone: "Europe/Berlin" });
    assert.deepEqual(problems, []);
    const all = scheduledJobObjects("report", job);
    const { spec } = objectOf(all, "CronJob");
    assert.deepEqual(
      [spec.schedule, spec.timeZone, spec.concurrencyPolicy, spec.startingDeadlineSeconds, spec.suspend],
      ["30 3 * * *", "Europe/Berlin", "Forbid", 300, false],
    );
    const { backoffLimit, activeDeadlineSeconds } = spec.jobTemplate.spec;
    assert.deepEqual([backoffLimit, activeDeadlineSeconds], [2, 1800]);
    const pods = podOf(all);
    assert.equal(pods.restartPolicy, "Never");
    assert.equal(pods.containers[0].lifecycle, undefined);
    assert.equal(pods.securityContext.runAsNonRoot, true);
  });

  it("needs no handler of 1.30", () => {
    assert.deepEqual(read({}, { kubernetes: "1.28" }).problems, []);
  });

  for (const [what, given, expected] of [
    ["a schedule that is none", { schedule: "30 3 * *" }, 'schedule: "30 3 * *" is not a schedule'],
    ["a time zone that is none", { timeZone: "Berlin" }, 'timeZone: "Berlin" is not a time zone'],
    ["an offset", { timeZone: "+02:00" }, 'timeZone: "+02:00" is not a time zone'],
    ["no end", { timeoutSeconds: undefined }, "timeoutSeconds: is missing; write the seconds"],
    ["a word of Kubernetes's", { overlap: "Forbid" }, 'overlap: "Forbid" is not one of the choices; write one of skip'],
    ["a beginning that is too punctual", { startWithinSeconds: 5 }, "startWithinSeconds: is too small"],
  ] as const) {
    it(`refuses ${what}`, () => {
      const said = read(given).problems.map(problemLine);
      assert.equal(said.length, 1, said.join("\n"));
      assert.ok(said[0]?.startsWith(expected), said[0]);
    });
  }
});

describe("a schedule", () => {
  for (const text of ["* * * * *", "*/5 0-6,22 1 jan-mar MON", "@daily", "@every 1h30m", "0 0 ? * 6", "5/15 * * * *"]) {
    it(`may be ${text}`, () => assert.ok(isSchedule(text)));
  }
  for (const text of ["", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "5-1 * * * *"]) {
    it(`is not '${text}'`, () => assert.ok(!isSchedule(text)));
  }
  for (const text of [
    "*/0 * * * *",
    "a * * * *",
    "* * * * * *",
    "@noon",
    "1-2-3 * * * *",
    "TZ=UTC 0 0 * * *",
    "@reboot",
  ]) {
    it(`is not '${text}'`, () => assert.ok(!isSchedule(text)));
  }
});
