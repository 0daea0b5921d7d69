import * as assert from "node:assert/strict";
import { setCondition } from "../fake/cluster";
import { onHost, type Host } from "../host";
import { onHosts } from "./suite";

const CHANGES = { network: { flannelBackend: "none", verifyOverlay: false } };

/** As the kubelet tells it without a CNI configuration (containerd, internal/cri/server/status.go). */
function withoutNetwork(host: Host, ...names: readonly string[]): void {
  for (const name of names) {
    setCondition(host.world.cluster.node(name)!, {
      type: "Ready",
      status: "False",
      message:
        "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized",
    });
  }
}

onHosts("a cluster whose CNI is yet to be installed", () => {
  it("has a first server without being Ready: registered, with the API and etcd", () =>
    onHost(
      ["server:s1"],
      "s1",
      async (host) => {
        await host.must("token", "converge");
        withoutNetwork(host, "s1");
        const { out } = await host.must("ready");
        assert.match(
          out,
          /^s1 is registered, and Ready as soon as a CNI is installed: server, \S+, etcd voter, after/m,
        );
      },
      CHANGES,
    ));

  it("goes on to the next nodes, and wants them Ready where the network runs on another", () =>
    onHost(
      ["server:s1", "agent:a1"],
      "s1",
      async (host) => {
        host.surround();
        await host.must("token", "converge");
        withoutNetwork(host, "s1", "a1");
        host.node = "a1";
        assert.match((await host.must("ready")).out, /^a1 is registered, and Ready as soon as/m);
        setCondition(host.world.cluster.node("s1")!, { type: "Ready", status: "True" });
        const { code, err } = await host.run("ready");
        assert.equal(code, 1);
        assert.match(err, /^error: a1: not Ready after \d+ s: .+cni plugin not initialized/m);
      },
      CHANGES,
    ));

  it("does not take another illness for a missing network", () =>
    onHost(
      ["server:s1"],
      "s1",
      async (host) => {
        await host.must("token", "converge");
        setCondition(host.world.cluster.node("s1")!, {
          type: "Ready",
          status: "False",
          message: "PLEG is not healthy",
        });
        assert.equal((await host.run("ready")).code, 1);
      },
      CHANGES,
    ));

  it("is not what flannel's absence means elsewhere", () =>
    onHost(["server:s1"], "s1", async (host) => {
      await host.must("token", "converge");
      withoutNetwork(host, "s1");
      assert.equal((await host.run("ready")).code, 1);
    }));
});
