import assert from "node:assert/strict";
import { dockerName, VPN_INTERFACE } from "../../naming";
import { type ClusterOnLab, eventually, type KubernetesNode } from "./clusterOnLab";
import { lives, restarted } from "./hostFacts";
import { docker } from "./labOnDocker";
import { oneLab, withoutAddons } from "./oneLab";

const SERVERS = ["server-1", "server-2", "server-3"];
const ADDRESS = "10.77.0.200";
const PORT = 7443;

// One lab for all of it, in this order.
describe("the cluster's way in", function () {
  const later: unknown[] = [];
  const theLab = oneLab(this, "test-way-in", async (lab) => {
    await lab.up({ servers: 3, agents: 3 });
    withoutAddons(lab);
    lab.set(["cluster", "virtualIp"], { address: ADDRESS });
    for (const agent of ["agent-2", "agent-3"]) later.push(lab.removeNode(agent));
  });
  afterEach(async () => {
    for (const server of SERVERS) await resume(theLab(), server);
  });

  it("has the virtual IP before the second server joins: all others join there", async () => {
    await theLab().apply();
    for (const node of ["server-2", "server-3", "agent-1"]) {
      assert.equal(await joinedAt(theLab(), node), `https://${ADDRESS}:6443`, node);
    }
    assert.equal((await holders(theLab())).length, 1);
    const nodes = await nodesAt(theLab(), "server-1");
    assert.deepEqual(
      nodes.map(({ status }) => status.addresses.find(({ type }) => type === "InternalIP")?.address).sort(),
      ["10.77.0.11", "10.77.0.12", "10.77.0.13", "10.77.0.31"],
      "a node has another address than its own",
    );
    assert.deepEqual((await theLab().apply()).operations, []);
  });

  it("answers at the virtual IP from another server when its holder stops, dies, or loses its power", async () => {
    const faults: Record<string, (holder: string) => Promise<unknown>> = {
      "k3s is stopped": (holder) => theLab().on(holder, "systemctl stop k3s"),
      "k3s is killed": (holder) =>
        theLab().on(holder, "systemctl kill --kill-whom=main --signal=KILL k3s; systemctl stop --no-block k3s"),
      "the machine is silent": (holder) => silence(theLab(), holder),
    };
    for (const [fault, cause] of Object.entries(faults)) {
      const [holder = ""] = await holders(theLab());
      await cause(holder);
      const others = SERVERS.filter((server) => server !== holder);
      const next = await eventually(`another holder when ${fault}`, async () => (await holders(theLab(), others))[0]);
      assert.equal(await theLab().on("agent-1", pingOf(ADDRESS)), "pong", fault);
      if (fault === "the machine is silent") await resume(theLab(), holder);
      else await theLab().on(holder, "systemctl start k3s");
      await eventually("one holder alone", async () => (await holders(theLab())).length === 1);
      assert.notEqual(next, undefined);
    }
  });

  it("lets a new agent join while the first server is dead, and another one when the virtual IP is gone too", async () => {
    const lab = theLab();
    await silence(lab, "server-1");
    await eventually(
      "the virtual IP on another server",
      async () => (await holders(lab, SERVERS.slice(1))).length === 1,
    );
    const before = await lives(lab, ["server-2", "server-3", "agent-1"]);
    lab.set(["rollout", "operator"], "server-2");
    lab.addNodeOnTop(later[0]);
    await lab.apply();
    assert.equal(await joinedAt(lab, "agent-2"), `https://${ADDRESS}:6443`);
    assert.equal(await isReady(lab, "agent-2"), true);

    for (const server of SERVERS.slice(1)) await lab.on(server, "systemctl stop groundwork-vip");
    lab.addNodeOnTop(later[1]);
    const { text } = await lab.apply();
    assert.match(text, /joining through the server at 10\.77\.0\.12:6443: those before it do not answer/);
    assert.equal(await joinedAt(lab, "agent-3"), "https://10.77.0.12:6443");
    assert.equal(await isReady(lab, "agent-3"), true);
    for (const server of SERVERS.slice(1)) await lab.on(server, "systemctl start groundwork-vip");
    assert.deepEqual(restarted(before, await lives(lab, ["server-2", "server-3", "agent-1"])), []);
  });

  it("does without the virtual IP when the setting goes, and moves to another port with all nodes", async () => {
    const lab = theLab();
    await eventually("server-1 is back", async () => await isReady(lab, "server-1"));
    lab.set(["cluster"], { name: "lab", apiPort: PORT });
    await lab.apply();
    for (const server of SERVERS) {
      const left =
        "ls -d /etc/groundwork 2>/dev/null; systemctl list-unit-files --no-legend 'groundwork-vip*'; pgrep -x keepalived";
      assert.equal(await lab.on(server, `${left} || true`), "", server);
    }
    assert.deepEqual(await holders(lab), []);
    for (const node of ["agent-1", "agent-2", "agent-3"]) {
      assert.match(await joinedAt(lab, node), new RegExp(`^https://10\\.77\\.0\\.1[123]:${String(PORT)}$`), node);
      assert.equal(await isReady(lab, node), true, node);
    }
    assert.equal(await lab.on("agent-1", pingOf("10.77.0.13", PORT)), "pong");
    assert.deepEqual((await lab.apply()).operations, []);
  });
});

/** The servers that have the virtual IP now. */
async function holders(lab: ClusterOnLab, among = SERVERS): Promise<string[]> {
  const asked = await Promise.all(
    among.map(async (server) => [server, await lab.on(server, `ip -o addr show dev ${VPN_INTERFACE}`)] as const),
  );
  return asked.filter(([, text]) => text.includes(` ${ADDRESS}/`)).map(([server]) => server);
}

function pingOf(host: string, port = 6443): string {
  return `curl -sk --max-time 5 https://${host}:${String(port)}/ping`;
}

async function joinedAt(lab: ClusterOnLab, node: string): Promise<string> {
  return await lab.on(node, "sed -n 's/^server: //p' /etc/rancher/k3s/config.yaml.d/10-join.yaml");
}

type Addressed = KubernetesNode & { readonly status: { readonly addresses: { type: string; address: string }[] } };

async function nodesAt(lab: ClusterOnLab, server: string): Promise<Addressed[]> {
  return (JSON.parse(await lab.on(server, "k3s kubectl get nodes -o json")) as { items: Addressed[] }).items;
}

async function isReady(lab: ClusterOnLab, name: string): Promise<boolean> {
  const node = (await nodesAt(lab, "server-2")).find(({ metadata }) => metadata.name === name);
  return node?.status.conditions.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

/**
 * A host without power, as far as others can tell: its container keeps the ports that it has on this machine. Its interface goes down
 * first, because the kernel of a paused host answers on, for the virtual IP too.
 */
async function silence(lab: ClusterOnLab, host: string): Promise<void> {
  await lab.on(host, `ip link set ${VPN_INTERFACE} down`);
  docker("pause", dockerName(lab.name, host));
}

/** A host that was silenced goes on, and one that runs stays as it is. */
async function resume(lab: ClusterOnLab, host: string): Promise<void> {
  const name = dockerName(lab.name, host);
  if (docker("inspect", "--format", "{{.State.Paused}}", name) !== "true") return;
  docker("unpause", name);
  await lab.on(host, `ip link set ${VPN_INTERFACE} up`);
}
