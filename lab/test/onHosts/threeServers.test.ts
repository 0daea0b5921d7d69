import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { versions } from "../../../config/versions/pins";
import { vpnAddress } from "../../naming";
import { type ClusterOnLab, eventually, type KubernetesNode, RunFailed } from "./clusterOnLab";
import { lives, restarted, traces } from "./hostFacts";
import { oneLab, withoutAddons } from "./oneLab";
import { tokensAreRotated } from "./tokens";

const SERVERS = ["server-1", "server-2", "server-3"];
const FIRST_VERSION = "v1.36.2+k3s1";
const ADMIN = "/run/test-admin.pem";

// One lab for all of it, in this order: each test leaves a cluster as the stack's file says.
describe("the main job on three servers", function () {
  const theLab = oneLab(this, "test-servers", async (lab) => {
    await lab.up({ servers: 3, agents: 0 });
    lab.set(["k3s", "version"], FIRST_VERSION);
    withoutAddons(lab);
  });

  it("they join one after another, and each becomes a voter of etcd", async () => {
    const { operations } = await theLab().run();
    const order = operations.filter((one) => /^created server-\d(-ready)?$/.test(one)).map((one) => one.slice(8));
    assert.deepEqual(
      order,
      SERVERS.flatMap((name) => [name, `${name}-ready`]),
    );
    assert.deepEqual(await voters(theLab(), "server-1"), SERVERS);
  });

  it("a second run changes nothing and restarts nobody", async () => {
    const before = await lives(theLab(), SERVERS);
    assert.deepEqual((await theLab().run()).operations, []);
    assert.deepEqual(restarted(before, await lives(theLab(), SERVERS)), []);
  });

  it("an upgrade takes one after another, and the API goes on through the others", async () => {
    const poll = await pollApi(theLab());
    await theLab().verbs.release([versions.k3s], { name: theLab().name });
    theLab().set(["k3s", "version"], versions.k3s);
    let rounds: readonly Round[];
    try {
      await theLab().run();
    } finally {
      rounds = await poll.stop();
    }
    assert.ok(rounds.length > 5, `only ${String(rounds.length)} looks at the API`);
    // One slow answer of a busy machine is no outage; the same in two looks after another would be one.
    const thin = rounds.filter((round, at) => answering(round) < 2 && answering(rounds[at - 1] ?? round) < 2);
    assert.deepEqual(thin, [], "two servers did not answer at the same time");
    assert.ok(
      rounds.some((round) => answering(round) === 2),
      "the restart of a server was seen",
    );
    assert.deepEqual(await voters(theLab(), "server-1"), SERVERS);
    const nodes = await theLab().get<KubernetesNode>("nodes");
    assert.deepEqual(
      nodes.map(({ status }) => status.nodeInfo.kubeletVersion),
      SERVERS.map(() => versions.k3s),
    );
    assert.deepEqual(
      nodes.filter(({ spec }) => spec.unschedulable === true),
      [],
    );
  });

  it("the first one leaves cleanly, and nobody else restarts", async () => {
    const before = await lives(theLab(), ["server-2", "server-3"]);
    theLab().set(["cluster", "allowEvenServers"], true);
    const entry = theLab().removeNode("server-1");
    await theLab().apply();
    assert.deepEqual(await voters(theLab(), "server-2"), ["server-2", "server-3"]);
    assert.deepEqual(await traces(theLab(), "server-1"), []);
    assert.deepEqual(restarted(before, await lives(theLab(), ["server-2", "server-3"])), []);
    theLab().addNodeOnTop(entry);
  });

  it("added again on top, it joins those that live instead of starting a cluster beside them", async () => {
    const before = await lives(theLab(), ["server-2", "server-3"]);
    const { text } = await theLab().run();
    assert.match(text, /the server at \S+ lives: joining it instead of starting a cluster/);
    for (const server of SERVERS) assert.deepEqual(await voters(theLab(), server), SERVERS, `as ${server} tells`);
    assert.deepEqual(restarted(before, await lives(theLab(), ["server-2", "server-3"])), []);
    assert.deepEqual((await theLab().run()).operations, []);
  });

  it("a server that is down keeps the others from being restarted: quorum is not put at risk", async () => {
    const lab = theLab();
    const before = await lives(lab, ["server-1", "server-2"]);
    await lab.on("server-3", "systemctl stop k3s");
    await notReady(lab, "server-3");
    lab.set(["network", "nodePortRange"], "30000-32000");
    await assert.rejects(lab.apply(), (failed) => {
      assert.ok(failed instanceof RunFailed);
      assert.match(failed.text + failed.reported, /server-1: restarting k3s would cost etcd its quorum/);
      return true;
    });
    assert.deepEqual(restarted(before, await lives(lab, ["server-1", "server-2"])), []);
    await lab.on("server-3", "systemctl start k3s");
    await lab.run();
    assert.deepEqual(await voters(lab, "server-1"), SERVERS);
  });

  tokensAreRotated(theLab, SERVERS);

  it("a destroyed cluster leaves nothing on any of the hosts", async () => {
    await theLab().destroy();
    for (const server of SERVERS) assert.deepEqual(await traces(theLab(), server), [], server);
  });
});

/** Names of the voters of etcd, as one server's own API tells them. */
async function voters(lab: ClusterOnLab, server: string): Promise<string[]> {
  const { items } = JSON.parse(await lab.on(server, "k3s kubectl get nodes -o json")) as { items: KubernetesNode[] };
  return items
    .filter(({ status }) => status.conditions.some(({ type, status: is }) => type === "EtcdIsVoter" && is === "True"))
    .map(({ metadata }) => metadata.name)
    .sort();
}

async function notReady(lab: ClusterOnLab, server: string): Promise<void> {
  await eventually(`${server} is told to be down`, async () => {
    const nodes = await lab.get<KubernetesNode>("nodes", "--field-selector", `metadata.name=${server}`);
    return nodes.every(({ status }) =>
      status.conditions.some(({ type, status: is }) => type === "Ready" && is !== "True"),
    );
  });
}

/** HTTP codes of /readyz of each server at one moment; 000 when it did not answer. */
type Round = readonly string[];
const answering = (round: Round): number => round.filter((code) => code === "200").length;

/** Asks every server's API from the first host, where sshd goes on when k3s restarts, until it is stopped. */
async function pollApi(lab: ClusterOnLab): Promise<{ readonly stop: () => Promise<readonly Round[]> }> {
  const field = (name: string): string => `sed -n 's/^ *${name}: //p' /etc/rancher/k3s/k3s.yaml | base64 -d`;
  await lab.on(
    "server-1",
    `umask 077; { ${field("client-certificate-data")}; ${field("client-key-data")}; } >${ADMIN}`,
  );
  const addresses = lab.state().hosts.map(vpnAddress);
  const ask = addresses.map(
    (address) => `curl -sk -m 4 -E ${ADMIN} -o /dev/null -w '%{http_code}\\n' https://${address}:6443/readyz || true`,
  );
  const rounds: Round[] = [];
  let isOver = false;
  const asking = (async (): Promise<void> => {
    while (!isOver) {
      rounds.push((await lab.on("server-1", ask.join("\n"))).split("\n"));
      await sleep(500);
    }
  })();
  asking.catch(() => undefined);
  return {
    stop: async () => {
      isOver = true;
      await asking;
      await lab.on("server-1", `rm -f ${ADMIN}`);
      return rounds;
    },
  };
}
