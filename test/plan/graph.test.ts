import * as assert from "node:assert/strict";
import type { Plan } from "../../plan/model";
import { planOf, stackText } from "./stacks";

describe("the order of a node's commands among those of other nodes", function () {
  this.timeout(60_000);
  let plan: Plan;
  before(async () => (plan = await planOf(stackText("staging"), "staging")));
  const after = (name: string): string[] =>
    [...(plan.resources.find((one) => one.name === name)?.dependsOn ?? [])].sort();
  const servers = ["rack-s1", "rack-s2", "rack-s3"];

  it("lets an agent have its token while the servers become Ready, and be touched only when they are", () => {
    assert.deepEqual(after("kubeconfig"), ["rack-s1"]);
    assert.deepEqual(
      servers.filter((name) => after("rack-a1-token").includes(name)),
      servers,
    );
    assert.ok(after("rack-a1-token").every((name) => !name.endsWith("-ready")));
    for (const server of servers) assert.ok(after("rack-a1-drain").includes(`${server}-ready`), server);
    assert.ok(after("rack-a1").includes("rack-a1-drain"));
  });

  it("gives a server its token after the first one's, which rotates it, and nothing else before the servers before it are Ready", () => {
    assert.ok(after("rack-s3-token").includes("rack-s1-token"));
    assert.deepEqual(
      servers.map((name) => after("rack-s3-drain").includes(`${name}-ready`)),
      [true, true, false],
    );
  });
});
