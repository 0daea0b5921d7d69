import assert from "node:assert/strict";
import { type ClusterOnLab, eventually, type KubernetesNode } from "./clusterOnLab";
import { lives, restarted, watchProcesses } from "./hostFacts";
import { stateText } from "./mainJob/bringUp";

const NEW = { server: "rotated-server-CANARY-1", agent: "rotated-agent-CANARY-2" };

/** Other join tokens on a living cluster of these servers: what changes, what goes on, and who is let in afterwards. */
export function tokensAreRotated(theLab: () => ClusterOnLab, servers: readonly string[]): void {
  let old: typeof NEW;

  it("other tokens: etcd's data is sealed with the new one, servers restart one after another, an agent goes on", async () => {
    const lab = theLab();
    await lab.run({ agents: 1 });
    const read = (file: string): Promise<string> => lab.on("server-1", `sed 's/.*://' /etc/rancher/k3s/${file}`);
    old = { server: await read("token"), agent: await read("agent-token") };
    const secrets = [...Object.values(old), ...Object.values(NEW)];
    const hosts = [...servers, "agent-1"];
    const before = await lives(lab, hosts);
    const watching = await Promise.all(hosts.map((host) => watchProcesses(lab, host, secrets)));
    lab.setSecret(["k3s", "token"], NEW.server);
    lab.setSecret(["k3s", "agentToken"], NEW.agent);
    const { operations } = await lab.apply();
    const seen = await Promise.all(watching.map((stop) => stop()));

    const order = operations.filter((one) => /^updated server-\d(-ready)?$/.test(one)).map((one) => one.slice(8));
    assert.deepEqual(
      order,
      servers.flatMap((name) => [name, `${name}-ready`]),
    );
    assert.deepEqual(restarted(before, await lives(lab, hosts)), servers);
    assert.deepEqual(seen.flat(), [], "in no argument and no environment");
    for (const [what, text] of Object.entries({ printed: lab.said(), state: stateText(lab) })) {
      for (const secret of secrets) assert.ok(!text.includes(secret), `${what} has a token`);
    }
    assert.deepEqual((await lab.apply()).operations, []);
    await ready(lab, hosts);
  });

  it("new nodes join with the new ones, and nobody with those of before", async () => {
    const lab = theLab();
    for (const server of servers) {
      const codes = await Promise.all(
        [NEW.server, NEW.agent, old.server, old.agent].map((token) => config(lab, server, token)),
      );
      assert.deepEqual(codes, ["200", "200", "401", "401"], server);
      const kept = await lab.on(
        server,
        "cat /var/lib/groundwork/snapshots/replaced-*.token; ls -l /var/lib/groundwork",
      );
      assert.ok(kept.startsWith(old.server), `${server} does not keep the token before`);
      assert.doesNotMatch(kept, /rotating|new-tokens|restart-pending/);
    }
    // What a server wrote down for itself alone would keep it from starting now.
    for (const server of servers) await lab.on(server, "systemctl restart k3s");
    await lab.run({ agents: 2 });
    await ready(lab, [...servers, "agent-1", "agent-2"]);
  });
}

/** What a server answers to an agent with a token: 200 when it may join. */
function config(lab: ClusterOnLab, server: string, token: string): Promise<string> {
  const url = "https://127.0.0.1:6443/v1-k3s/config";
  return lab.on(server, `curl -sk -o /dev/null -w '%{http_code}' -u 'node:${token}' ${url}`);
}

async function ready(lab: ClusterOnLab, names: readonly string[]): Promise<void> {
  await eventually(`${names.join(", ")} are Ready`, async () => {
    const nodes = await lab.get<KubernetesNode>("nodes");
    const well = nodes.filter(({ status }) =>
      status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
    return (
      well
        .map(({ metadata }) => metadata.name)
        .sort()
        .join() === [...names].sort().join()
    );
  });
}
