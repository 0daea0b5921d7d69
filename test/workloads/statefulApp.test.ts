import * as assert from "node:assert/strict";
import { problemLine } from "../../config/problem";
import type { ClusterFacts } from "../../workloads/objects/facts";
import { readStatefulApp, statefulAppObjects, type StatefulAppSettings } from "../../workloads/objects/statefulApp";
import type { WorkloadObject } from "../../workloads/objects/text";
import { objectOf, pod, podOf, type Loose } from "./arguments";

const DATA = { data: { path: "/data", size: "10Gi" } };
const least: StatefulAppSettings = { ...pod, ports: { db: 5432 }, probes: false, volumes: DATA };

function objects(more: Partial<StatefulAppSettings> = {}): WorkloadObject[] {
  const { app, problems } = readStatefulApp("orders", { ...least, ...more }, {});
  assert.deepEqual(problems.map(problemLine), []);
  return statefulAppObjects("orders", app);
}

function problems(more: object, facts: ClusterFacts = {}): string[] {
  return readStatefulApp("orders", { ...least, ...more }, facts).problems.map(problemLine);
}

describe("an application with data", () => {
  it("is a StatefulSet whose headless Service has its name", () => {
    const all = objects();
    const { spec } = objectOf(all, "StatefulSet");
    assert.deepEqual([spec.serviceName, spec.replicas, spec.podManagementPolicy], ["orders", 1, "OrderedReady"]);
    const service = objectOf(all, "Service");
    assert.deepEqual([service.metadata.name, service.spec.clusterIP], ["orders", "None"]);
    assert.deepEqual(service.spec.ports, [{ name: "db", port: 5432, targetPort: "db", protocol: "TCP" }]);
  });

  it("has a claim per pod and volume, which stays", () => {
    const nas = { path: "/files", size: "1Ti", storageClass: "nfs-client", accessMode: "ReadWriteMany" } as const;
    const all = objects({ volumes: { ...DATA, nas } });
    const { spec } = objectOf(all, "StatefulSet");
    assert.deepEqual(
      spec.volumeClaimTemplates.map((each: Loose) => [each.metadata.name, each.spec]),
      [
        ["data", { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } }],
        [
          "nas",
          {
            accessModes: ["ReadWriteMany"],
            storageClassName: "nfs-client",
            resources: { requests: { storage: "1Ti" } },
          },
        ],
      ],
    );
    assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: "Retain", whenScaled: "Retain" });
    assert.deepEqual(podOf(all).containers[0].volumeMounts, [
      { name: "data", mountPath: "/data" },
      { name: "nas", mountPath: "/files" },
    ]);
  });

  it("gives volumes to a group, and spreads and budgets several pods", () => {
    const all = objects({ replicas: 3, security: { group: 999 } });
    const spec = podOf(all);
    assert.deepEqual([spec.securityContext.fsGroup, spec.securityContext.fsGroupChangePolicy], [999, "OnRootMismatch"]);
    assert.deepEqual(spec.topologySpreadConstraints[0].matchLabelKeys, ["controller-revision-hash"]);
    assert.equal(objectOf(all, "PodDisruptionBudget").spec.maxUnavailable, 1);
    assert.ok(objects().every(({ kind }) => kind !== "PodDisruptionBudget"));
  });

  for (const [what, given, expected, facts] of [
    ["no volume", { volumes: {} }, "volumes: is empty; write one, or take a WebApp"],
    ["no port", { ports: {} }, "ports: is empty"],
    [
      "a size that is none",
      { volumes: { data: { path: "/d", size: "big" } } },
      'volumes.data.size: "big" is not a size',
    ],
    ["no class to take", {}, "volumes.data.storageClass: is missing, and the cluster has no", { storageClass: "" }],
    [
      "a volume of one node for all",
      { volumes: { data: { ...DATA.data, accessMode: "ReadWriteMany" } } },
      "volumes.data.accessMode: is ReadWriteMany, and local-path",
      { storageClass: "local-path" },
    ],
    ["two volumes at one place", { volumes: { ...DATA, more: DATA.data } }, "volumes.more.path: is /data"],
    ["a port's name", { ports: { "a--b": 1 } }, "ports.a--b: is not the name of a port"],
  ] as readonly (readonly [string, object, string, ClusterFacts?])[]) {
    it(`refuses ${what}`, () => {
      const said = problems(given, facts);
      assert.equal(said.length, 1, said.join("\n"));
      assert.ok(said[0]?.startsWith(expected), said[0]);
    });
  }
});
