import assert from "node:assert/strict";
import { K3sCluster } from "../../../components/k3s/cluster";
import { collect } from "../../../plan/run/collect";
import { desiredOf, nodes } from "../../program";

async function protectedNames(protect: boolean): Promise<string[]> {
  const { registrations } = await collect(
    () => {
      const desired = desiredOf({ nodes: nodes("server:s1", "server:s2", "server:s3"), cluster: { protect } });
      return new K3sCluster("cluster", { desired });
    },
    "groundwork",
    "test",
  );
  return registrations.filter((resource) => resource.protect).map((resource) => resource.name);
}

describe("a protected cluster", () => {
  it("keeps its first server on the host and in the cluster: it must not leave etcd before its host is refused", async () => {
    assert.deepEqual((await protectedNames(true)).sort(), ["s1", "s1-ready"]);
  });

  it("is only protected where the stack says so", async () => {
    assert.deepEqual(await protectedNames(false), []);
  });
});
