import * as assert from "node:assert/strict";
import type { z } from "zod";
import { settingsOfKeys } from "../../../config/schema/k3sKeys";
import { unwrap } from "../../../config/schema/scalars";
import { settingsSchema } from "../../../config/read/schema";
import { errors, node, stack } from "../fixtures";

/** What is said of an unknown key under a top-level one. */
const remedyOf = (group: string, key: string): string | undefined =>
  errors(stack({ [group]: { [key]: "x" } }))[0]?.replace(/^.*is not a setting; /, "");

describe("a key that is not known", () => {
  it("is the nearest of those that are", () => {
    assert.equal(remedyOf("network", "podCidrs"), "did you mean podCidr?");
    assert.equal(remedyOf("network", "flannel-backend"), "did you mean flannelBackend?");
  });

  it("is the setting that k3s has under that name, however it is spelled", () => {
    assert.equal(remedyOf("network", "flannel-iface"), "did you mean network.interface?");
    assert.equal(remedyOf("network", "flanelIface"), "did you mean network.interface?");
    assert.equal(remedyOf("dns", "resolvConf"), "did you mean dns.upstream?");
    assert.equal(remedyOf("network", "resolv-conf"), "did you mean dns.upstream?");
    assert.equal(remedyOf("cluster", "node_taint"), "did you mean nodes[].taints?");
    assert.deepEqual(errors({ ...stack(), "flannel-iface": "wg0" }), [
      "flannel-iface: is not a setting; did you mean network.interface?",
    ]);
  });

  it("of a node is that node's", () => {
    const raw = stack({ nodes: [node("s1", { role: "server", "flannel-iface": "wg0", "node-ip": "10.0.0.1" })] });
    assert.deepEqual(errors(raw), [
      "nodes[0].flannel-iface: is not a setting; did you mean nodes[0].interface?",
      "nodes[0].node-ip: is not a setting; did you mean nodes[0].internalIp?",
    ]);
  });

  it("is k3s's own where Groundwork has no setting for it, or none at all", () => {
    assert.equal(remedyOf("k3s", "kube-apiserver-arg"), "did you mean k3s.server.kube-apiserver-arg?");
    assert.equal(remedyOf("k3s", "kubeletArg"), "did you mean k3s.server.kubelet-arg or k3s.agent.kubelet-arg?");
    assert.equal(remedyOf("k3s", "data-dir"), "leave it out; the data is kept in /var/lib/rancher/k3s");
    const [line] = errors(stack({ nodes: [node("s1", { role: "server", "kubelet-arg": [] })] }));
    assert.equal(line, "nodes[0].kubelet-arg: is not a setting; did you mean nodes[0].k3s.kubelet-arg?");
  });

  it("lets nothing be concluded from what it means", () => {
    const nodes = [node("s1", { role: "server" }), node("a1")];
    const { name: _, ...unnamed } = node("s1", { role: "server", "node-name": "s1" });
    assert.deepEqual(errors(stack({ nodes, network: { requireEncryption: true, "flannel-iface": "wg0" } })), [
      "network.flannel-iface: is not a setting; did you mean network.interface?",
    ]);
    assert.deepEqual(errors(stack({ nodes: [unnamed] })), [
      "nodes[0].node-name: is not a setting; did you mean nodes[0].name?",
    ]);
  });

  it("means only settings that there are", () => {
    for (const setting of Object.values(settingsOfKeys).flat()) {
      const found = setting.split(".").reduce<z.ZodType | undefined>((schema, step) => {
        const group = schema === undefined ? undefined : unwrap(schema);
        const field = (group as z.ZodObject | undefined)?.shape[step.replace("[]", "")] as z.ZodType | undefined;
        return step.endsWith("[]") && field !== undefined
          ? ((unwrap(field) as z.ZodArray).element as z.ZodType)
          : field;
      }, settingsSchema);
      assert.ok(found !== undefined, setting);
    }
  });
});
