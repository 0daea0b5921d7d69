import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const PART = readFileSync(join(__dirname, "..", "..", "..", "components", "k3s", "scripts", "pods.sh"), "utf8");

/** What the script takes for hosts of a2's pods when the API tells of these nodes: name|unschedulable|Ready|taints. */
function hosts(...nodes: string[]): string[] {
  const { stdout, stderr } = spawnSync("sh", ["-s"], {
    input: `node=a2\n${PART}\nprintf '%s\\n' '${nodes.join("\n")}' | open_hosts\n`,
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout.split("\n").filter((line) => line !== "");
}

describe("the nodes that could take a drained node's pods", () => {
  it("are the others that are Ready and not cordoned", () => {
    assert.deepEqual(hosts("s1||True|", "a1|true|True|", "a2||True|", "a3||Unknown|", "a4||True|"), ["s1", "a4"]);
  });

  it("are none that is closed by a taint, but those that only prefer other pods", () => {
    const taints = ["a/b:NoSchedule ", "a/b:NoExecute ", "a/b:PreferNoSchedule ", "a/b:PreferNoSchedule c:NoSchedule "];
    assert.deepEqual(hosts(...taints.map((taint, index) => `n${String(index)}||True|${taint}`)), ["n2"]);
  });

  it("are those that were uncordoned just now, whose taint is still on its way out", () => {
    const unschedulable = "node.kubernetes.io/unschedulable:NoSchedule ";
    assert.deepEqual(hosts(`s1||True|${unschedulable}`, `a1||True|${unschedulable}a/b:NoSchedule `), ["s1"]);
  });

  it("are none under pressure", () => {
    assert.deepEqual(hosts("s1||True|node.kubernetes.io/disk-pressure:NoSchedule "), []);
  });
});
