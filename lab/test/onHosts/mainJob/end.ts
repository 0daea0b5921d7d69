import assert from "node:assert/strict";
import type { ClusterOnLab } from "../clusterOnLab";
import { keptState, traces } from "../hostFacts";

export function itEndsWithNothingLeft(theLab: () => ClusterOnLab): void {
  it("with nothing of k3s or Groundwork left on any host: no file, unit, device or process", async () => {
    const lab = theLab();
    await lab.destroy();
    for (const host of ["server-1", "agent-1", "agent-2"]) assert.deepEqual(await traces(lab, host), [], host);
  });

  it("but the snapshot of etcd from before the upgrade, for root only", async () => {
    const lab = theLab();
    assert.deepEqual(await keptState(lab, "server-1"), ["snapshots"]);
    assert.deepEqual(await keptState(lab, "agent-1"), []);
    const modes = await lab.on("server-1", "find /var/lib/groundwork/snapshots -printf '%m %y %s\\n' | sort | uniq -c");
    assert.match(modes, /700 d/);
    assert.doesNotMatch(modes, /\b(6[1-7]\d|60[1-7]) f/, "nobody but root reads them");
    assert.match(modes, /600 f \d{5,}/, "one is as large as a database");
  });

  it("and the same hosts become a cluster again", async () => {
    const { operations } = await theLab().run();
    assert.ok(operations.includes("created server-1-ready") && operations.includes("created agent-2-ready"));
  });
}
