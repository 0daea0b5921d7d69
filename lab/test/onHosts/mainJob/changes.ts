import assert from "node:assert/strict";
import { type ClusterOnLab, eventually, type KubernetesNode, type KubernetesObject } from "../clusterOnLab";
import { lives, restarted } from "../hostFacts";

const HOSTS = ["server-1", "agent-1", "agent-2"];

export function itChangesOnlyWhatItMust(theLab: () => ClusterOnLab): void {
  it("a server's setting restarts the server only", async () => {
    const lab = theLab();
    const before = await lives(lab, HOSTS);
    lab.set(["network", "nodePortRange"], "30000-32000");
    const { operations } = await lab.run();
    assert.deepEqual(restarted(before, await lives(lab, HOSTS)), ["server-1"]);
    assert.deepEqual([...operations].sort(), ["updated server-1", "updated server-1-drain", "updated server-1-ready"]);
    assert.match(await lab.on("server-1", "cat /etc/rancher/k3s/config.yaml"), /service-node-port-range: 30000-32000/);
  });

  it("a node's label restarts nobody, and one that is no longer named is taken off", async () => {
    const lab = theLab();
    const before = await lives(lab, HOSTS);
    lab.setNode("agent-1", "labels", { "example.com/rack": "b" });
    const { operations } = await lab.run();
    assert.deepEqual(operations, ["updated agent-1-ready"]);
    const [node] = await lab.get<KubernetesNode>("nodes", "--field-selector", "metadata.name=agent-1");
    assert.equal(node?.metadata.labels?.["example.com/rack"], "b");
    assert.equal(node?.metadata.labels?.["example.com/disk"], undefined);
    assert.deepEqual(restarted(before, await lives(lab, HOSTS)), []);
  });

  it("other resolvers restart nobody, but CoreDNS gets new pods", async () => {
    const lab = theLab();
    const before = await lives(lab, HOSTS);
    const pods = await coredns(lab);
    assert.ok(pods.length > 0, "CoreDNS runs");
    lab.set(["dns", "searchDomains"], ["lab.test", "example.test"]);
    await lab.run();
    for (const host of HOSTS) {
      assert.match(await lab.on(host, "cat /etc/resolv.k3s.conf"), /^search lab\.test example\.test$/m);
    }
    await eventually("new pods of CoreDNS", async () => {
      const now = await coredns(lab);
      return now.length === pods.length && now.every((uid) => !pods.includes(uid));
    });
    assert.deepEqual(restarted(before, await lives(lab, HOSTS)), []);
  });

  it("a VPN interface that is made again gets flannel back, with a k3s that does not see to it itself", async () => {
    const lab = theLab();
    const before = await lives(lab, HOSTS);
    await lab.on("agent-2", "systemctl restart vpn0; ! ip link show flannel.1");
    await eventually("flannel.1 on agent-2", () => lab.on("agent-2", "ip link show flannel.1"));
    assert.deepEqual(restarted(before, await lives(lab, HOSTS)), ["agent-2"]);
    const [server] = await lab.get<KubernetesNode>("nodes", "--field-selector", "metadata.name=server-1");
    const gateway = server?.spec.podCIDR.replace(/0\/\d+$/, "1") ?? "";
    await eventually("pods of server-1 from agent-2", () => lab.on("agent-2", `ping -c 1 -W 2 ${gateway}`));
  });
}

/** Pods of CoreDNS that are not on their way out. */
async function coredns(lab: ClusterOnLab): Promise<string[]> {
  const pods = await lab.get<
    KubernetesObject & { metadata: { deletionTimestamp?: string }; status: { phase: string } }
  >("pods", "-n", "kube-system", "-l", "k8s-app=kube-dns");
  return pods
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === "Running")
    .map(({ metadata }) => metadata.uid);
}
