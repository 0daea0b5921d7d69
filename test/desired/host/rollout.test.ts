import * as assert from "node:assert/strict";
import { parse } from "yaml";
import { allNodes } from "../../../desired/nodes";
import { desiredOf, nodes } from "../../program";

const JOB = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "smoke", namespace: "apps", annotations: { team: "shop" } },
  spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "smoke", image: "example/smoke:1" }] } } },
};

describe("what a roll-out's settings add to a node's steps", () => {
  const stepsOf = (changes: Record<string, unknown>, name: string) =>
    allNodes(desiredOf(changes).nodes).find((node) => node.name === name)!.steps;
  const list = { nodes: nodes("server:s1", "agent:a1", "agent:rack.example.org") };

  it("is nothing where there are none: no part, no fact", () => {
    const { token, drain, host, ready } = stepsOf(list, "s1");
    for (const { program } of [token, drain, host, ready]) {
      assert.deepEqual(
        Object.keys(program.facts).filter((name) => /^(window|check)_/.test(name)),
        [],
      );
      assert.deepEqual(
        program.parts.filter((part) => part === "window" || part === "rolloutCheck"),
        [],
      );
    }
  });

  it("is a check in ready, and its limit in drain, because agents wait for one another", () => {
    const { drain, host, ready } = stepsOf(
      { ...list, rollout: { check: { command: "true", timeoutSeconds: 90 } } },
      "a1",
    );
    assert.deepEqual([ready.program.facts["check_command"], ready.program.facts["check_timeout"]], ["true", "90"]);
    assert.ok(ready.program.parts.includes("rolloutCheck"));
    assert.equal(drain.program.facts["check_timeout"], "90");
    assert.equal(host.program.facts["check_timeout"], undefined, "no host is touched for it");
  });

  it("is a Job of each node's own, under a name that its pods can have as a label", () => {
    const facts = (name: string) => stepsOf({ ...list, rollout: { check: { job: JOB } } }, name).ready.program.facts;
    assert.equal(facts("a1")["check_job"], "apps/smoke-a1");
    assert.deepEqual(parse(facts("a1")["check_manifest"]!), {
      ...JOB,
      metadata: { name: "smoke-a1", namespace: "apps", annotations: { team: "shop", "groundwork/node": "a1" } },
      spec: { template: { ...JOB.spec.template, metadata: { annotations: { "groundwork/node": "a1" } } } },
    });
    assert.match(facts("rack.example.org")["check_job"]!, /^apps\/smoke-[0-9a-f]{10}$/);
  });

  it("is a window in the steps that come before a restart, with days as a host's date says them", () => {
    const window = { days: ["sun", "fri"], startTime: "22:00", endTime: "04:00", openUntil: "2026-11-28T12:00:00Z" };
    const { token, drain, host, ready } = stepsOf({ ...list, rollout: { window } }, "s1");
    for (const { program } of [token, drain]) {
      const { window_days, window_start, window_end, window_zone, window_until } = program.facts;
      assert.deepEqual(
        [window_days, window_start, window_end, window_zone, window_until],
        ["5 7", "22:00", "04:00", "UTC", "1795867200"],
      );
      assert.ok(program.parts.includes("window"));
    }
    for (const { program } of [host, ready]) assert.equal(program.facts["window_days"], undefined);
  });

  it("is no wait for volumes where that is not wanted", () => {
    const timeout = (rollout: Record<string, unknown>): string | undefined =>
      stepsOf({ ...list, rollout }, "a1").drain.program.facts["volumes_timeout"];
    assert.deepEqual(
      [timeout({}), timeout({ volumesTimeoutSeconds: 60 }), timeout({ waitForVolumes: false })],
      ["1800", "60", "0"],
    );
  });
});
