import * as assert from "node:assert/strict";
import { onHost, type Host } from "../host";
import { change, drained, labelled, operatorOf } from "../preparations";
import { ONE } from "../upgrading";
import { onHosts } from "./suite";

onHosts("labels, annotations and taints of a node", () => {
  const seen = (host: Host): { labels: unknown; annotations: unknown; taints: unknown } => {
    const { metadata, spec } = host.world.cluster.node("a1")!;
    const own = (marks: Readonly<Record<string, string>>): Record<string, string> =>
      Object.fromEntries(Object.entries(marks).filter(([key]) => !/^(groundwork|node-role|etcd|k3s)/.test(key)));
    return { labels: own(metadata.labels), annotations: own(metadata.annotations), taints: spec.taints ?? [] };
  };

  it("are written as the settings say, and taken off again without touching anybody else's", () =>
    onHost(ONE, "s1", async (host) => {
      const before = host.stack["nodes"];
      await operatorOf(host, "a1");
      await drained(host);
      const { metadata } = host.world.cluster.node("a1")!;
      metadata.labels["somebody"] = "else";
      metadata.annotations["somebody.example.org/note"] = "stays";
      labelled(host);
      await host.must("ready");
      const somebody = { labels: { somebody: "else" }, annotations: { "somebody.example.org/note": "stays" } };
      assert.deepEqual(seen(host), {
        labels: { ...somebody.labels, disk: "ssd", "example.org/rack": "r1" },
        annotations: {
          ...somebody.annotations,
          "example.org/owner": "the team of row 7",
          "example.org/disks": '[{"path":"/mnt/ssd 1"}]',
        },
        taints: [{ key: "gpu", value: "true", effect: "NoSchedule" }],
      });
      change(host, { nodes: before });
      await host.must("ready");
      assert.deepEqual(seen(host), { ...somebody, taints: [] });
    }));
});
