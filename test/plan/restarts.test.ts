import * as assert from "node:assert/strict";
import { comparePlans } from "../../plan/compare/compare";
import type { Plan } from "../../plan/model";
import { renderDifferenceMarkdown } from "../../plan/render/differenceMarkdown";
import { renderDifferenceText } from "../../plan/render/differenceText";
import { edited, planOf, stackText } from "./stacks";

describe("what a plan says of restarts", function () {
  this.timeout(60_000);
  const staging = stackText("staging");
  const newMinor =
    "A kubelet of a new minor version can restart every container that is still on its node, those of DaemonSets too (kubernetes#129659): ";
  let old: Plan;
  before(async () => {
    old = await planOf(withVersion("v1.35.6+k3s1"), "staging");
  });
  const restarts = async (text: string): Promise<readonly string[]> =>
    comparePlans(old, await planOf(text, "staging"), "main").restarts;

  function withVersion(version: string, more = ""): string {
    return edited(staging, ["groundwork:k3s:\n", `groundwork:k3s:\n    version: ${version}\n${more}`]);
  }

  it("is the order of the servers and the lanes of agents, and what a kubelet of a new minor version does", async () => {
    assert.deepEqual(await restarts(withVersion("v1.36.4+k3s1")), [
      "1. rack-s1, after a drain",
      "2. rack-s2, after a drain",
      "3. rack-s3, after a drain",
      "4. rack-a1, rack-a2, rack-a3, after a drain, 1 at a time",
      `${newMinor}rack-s1, rack-s2, rack-s3, rack-a1, rack-a2, rack-a3`,
    ]);
  });

  it("has only the nodes whose k3s reads what changed", async () => {
    const tuned = withVersion("v1.35.6+k3s1", "    agent:\n      kubelet-arg: [max-pods=200]\n");
    assert.deepEqual(await restarts(tuned), ["1. rack-a1, rack-a2, rack-a3, after a drain, 1 at a time"]);
    const label = edited(withVersion("v1.35.6+k3s1"), ["role: agent\n", "role: agent\n      labels: { a: b }\n"]);
    assert.deepEqual(await restarts(label), []);
  });

  it("says that nothing is drained where that is so", async () => {
    const text = edited(withVersion("v1.35.7+k3s1"), [
      "groundwork:rollout:\n",
      "groundwork:rollout:\n    drain: never\n",
    ]);
    assert.deepEqual((await restarts(text))[0], "1. rack-s1, without a drain");
  });

  it("is a table of hosts before the changes, for people and in a pull request", async () => {
    const difference = comparePlans(old, await planOf(withVersion("v1.36.4+k3s1"), "staging"), "main");
    const text = renderDifferenceText(difference, { width: 100 });
    assert.match(
      text,
      /\n {2}ORDER +HOST +ROLE +K3S +DRAINED +WHAT CHANGES\n {2}1 +rack-s1 +server +restarts +yes +k3s upgrade/,
    );
    assert.match(text, /\(kubernetes#129659\)/);
    assert.match(
      renderDifferenceMarkdown(difference),
      /\n\| order \| host \| role \| k3s \| drained \| what changes \|\n.*\n\| 1 \| rack-s1 \| server \| restarts \| yes \|/,
    );
  });
});
