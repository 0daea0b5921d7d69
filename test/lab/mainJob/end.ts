import assert from "node:assert/strict";
import type { ClusterOnLab } from "../clusterOnLab";
import { traces } from "../hostFacts";

export function itEndsWithNothingLeft(theLab: () => ClusterOnLab): void {
  it("with nothing of k3s or Groundwork left on any host: no file, unit, device or process", async () => {
    const lab = theLab();
    await lab.destroy();
    for (const host of ["server-1", "agent-1", "agent-2"]) assert.deepEqual(await traces(lab, host), [], host);
  });

  it("and the same hosts become a cluster again", async () => {
    const { operations } = await theLab().run();
    assert.ok(operations.includes("created server-1-ready") && operations.includes("created agent-2-ready"));
  });
}
