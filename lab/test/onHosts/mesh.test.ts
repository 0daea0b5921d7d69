import assert from "node:assert/strict";
import type { ClusterOnLab } from "./clusterOnLab";
import { lives, restarted } from "./hostFacts";
import { oneLab, withoutAddons } from "./oneLab";
import { doctorErrors, groundwork } from "./verb";

/** An address of the mesh for each host of the lab, in their order. */
const ADDRESSES: Readonly<Record<string, string>> = {
  "server-1": "10.44.0.1",
  "agent-1": "10.44.0.2",
  "agent-2": "10.44.0.3",
};

// The lab's kernel has no WireGuard, so wireguard-go serves on its hosts.
describe("a WireGuard mesh between the nodes", function () {
  let agent: unknown;
  const theLab = oneLab(this, "test-mesh", async (lab) => {
    await lab.up({ servers: 1, agents: 2 });
    withoutAddons(lab);
    lab.set(["network", "interface"], undefined);
    lab.set(["network", "wireguard"], { cidr: "10.44.0.0/24" });
    for (const [host, address] of Object.entries(ADDRESSES)) {
      // The lab's SSH goes through ports of this machine; the hosts reach one another on their own network.
      lab.setNode(host, "wireguard", { endpoint: (await lab.on(host, "hostname -I")).split(" ")[0] });
      lab.setNode(host, "internalIp", address);
      lab.setNode(host, "interface", undefined);
    }
    agent = lab.removeNode("agent-2");
    await lab.apply();
  });

  it("carries the cluster: nodes have their addresses in it, and flannel sends over it", async () => {
    const lab = theLab();
    assert.deepEqual(await internalIps(lab), { "agent-1": "10.44.0.2", "server-1": "10.44.0.1" });
    await lab.on("server-1", "ping -c 1 -W 5 10.44.0.2");
    assert.match(await lab.on("agent-1", "ip -d link show flannel.1"), /local 10\.44\.0\.2 dev wgmesh0/);
    assert.deepEqual((await lab.apply()).operations, []);
  });

  it("keeps each key on its host, for root alone", async () => {
    const lab = theLab();
    const [one, other] = await Promise.all(
      ["server-1", "agent-1"].map((host) => lab.on(host, "cat /etc/wireguard/wgmesh0.key")),
    );
    assert.notEqual(one, other);
    assert.match(
      await lab.on("agent-1", "stat -c '%a %n' /etc/wireguard/*"),
      /^600 \S+wgmesh0\.conf\n600 \S+wgmesh0\.key$/m,
    );
    assert.ok(!lab.said().includes(one?.trim() ?? ""));
  });

  it("takes another node in, and nobody restarts", async () => {
    const lab = theLab();
    const before = await lives(lab, ["server-1", "agent-1"]);
    lab.addNodeOnTop(agent);
    const { operations } = await lab.apply();
    assert.ok(
      operations.includes("updated server-1-mesh") && operations.includes("updated agent-1-mesh"),
      operations.join(),
    );
    await lab.on("agent-1", "ping -c 1 -W 5 10.44.0.3");
    assert.deepEqual(restarted(before, await lives(lab, ["server-1", "agent-1"])), []);
    assert.deepEqual((await lab.apply()).operations, []);
  });

  it("is well as doctor sees it, until its interface is gone", async () => {
    const lab = theLab();
    assert.deepEqual(await doctorErrors(lab), []);
    const { out } = await groundwork(lab, "doctor");
    assert.match(out, /3 nodes hear of each other in the mesh/);
    await lab.on("agent-2", "systemctl stop wg-quick@wgmesh0");
    assert.ok((await doctorErrors(lab)).includes("mesh agent-2: its interface wgmesh0 is gone"));
    const drift = await groundwork(lab, "drift", "--repair");
    assert.match(drift.out, /wg-quick@wgmesh0 is inactive/);
    await lab.apply();
    assert.deepEqual(await doctorErrors(lab), []);
  });

  it("comes back after a reboot of its own", async () => {
    const lab = theLab();
    await lab.on("agent-2", "systemctl restart wg-quick@wgmesh0");
    await lab.on("agent-2", "ping -c 1 -W 10 10.44.0.1");
  });

  it("lets a node leave over its tunnel, and closes the tunnel behind it", async () => {
    const lab = theLab();
    const before = await lives(lab, ["server-1", "agent-1"]);
    lab.removeNode("agent-2");
    await lab.apply();
    assert.deepEqual(Object.keys(await internalIps(lab)).sort(), ["agent-1", "server-1"]);
    assert.equal(await lab.on("agent-2", "ls /etc/wireguard; ip -o link show type tun | grep -c wgmesh0 || true"), "0");
    assert.match(
      await lab.on("agent-1", "systemctl list-units --no-legend --plain 'groundwork-mesh-drop-*'"),
      /running/,
    );
    assert.doesNotMatch(await lab.on("agent-1", "cat /etc/wireguard/wgmesh0.conf"), /agent-2/);
    assert.deepEqual(restarted(before, await lives(lab, ["server-1", "agent-1"])), []);
  });

  it("is taken off the hosts with the cluster", async () => {
    const lab = theLab();
    await lab.destroy();
    for (const host of ["server-1", "agent-1"]) {
      assert.equal(await lab.on(host, "ls /etc/wireguard; ip link show wgmesh0 2>/dev/null || true"), "", host);
    }
  });
});

async function internalIps(lab: ClusterOnLab): Promise<Record<string, string>> {
  const text = await lab.on(
    "server-1",
    `k3s kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.addresses[?(@.type=="InternalIP")].address}{"\\n"}{end}'`,
  );
  return Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(" ") as [string, string])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
