import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { versions } from "../../../../config/versions/pins";
import { type ClusterOnLab, eventually, type KubernetesNode, type KubernetesObject } from "../clusterOnLab";

/** What is seen of the nodes at one moment of a roll-out. */
interface Moment {
  readonly unschedulable: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

const WEB = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "apps" },
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "web", image: "registry.k8s.io/pause:3.10" }] },
    },
  },
};

export function itUpgrades(theLab: () => ClusterOnLab): void {
  const moments: Moment[] = [];
  let pods: string[];

  it("to a release that is put into the mirror, on every node", async () => {
    const lab = theLab();
    await lab.kubectl(["apply", "-f", "-"], JSON.stringify(WEB));
    pods = await eventually("the pods of web", async () => {
      const running = await podsOfWeb(lab);
      return running.length === 4 ? running : undefined;
    });
    await lab.verbs.release([versions.k3s], { name: lab.name });
    lab.set(["k3s", "version"], versions.k3s);
    const watch = watchNodes(lab, moments);
    try {
      await lab.run();
    } finally {
      await watch.stop();
    }
    const nodes = await lab.get<KubernetesNode>("nodes");
    assert.deepEqual(new Set(nodes.map(({ status }) => status.nodeInfo.kubeletVersion)), new Set([versions.k3s]));
  });

  it("with the server before the agents, and one agent after another", () => {
    assert.ok(moments.length > 5, `only ${String(moments.length)} looks at the nodes succeeded`);
    for (const { unschedulable, versions: seen } of moments) {
      const agents = unschedulable.filter((name) => name.startsWith("agent-"));
      assert.ok(agents.length <= 1, `unschedulable at the same time: ${agents.join(", ")}`);
      const upgraded = Object.keys(seen).filter((name) => name.startsWith("agent-") && seen[name] === versions.k3s);
      if (upgraded.length > 0) assert.equal(seen["server-1"], versions.k3s, `${upgraded.join(", ")} before the server`);
    }
    const drained = new Set(moments.flatMap(({ unschedulable }) => unschedulable));
    assert.deepEqual([...drained].sort(), ["agent-1", "agent-2", "server-1"]);
  });

  it("with the pods moved away before, and every node taking pods again afterwards", async () => {
    const lab = theLab();
    await eventually("four pods of web, none of them one of before", async () => {
      const now = await podsOfWeb(lab);
      return now.length === 4 && now.every((uid) => !pods.includes(uid));
    });
    const nodes = await lab.get<KubernetesNode>("nodes");
    assert.deepEqual(
      nodes.filter(({ spec }) => spec.unschedulable === true),
      [],
    );
    assert.deepEqual(
      nodes.filter(({ metadata }) => metadata.labels?.["groundwork/drained"] !== undefined),
      [],
    );
  });

  it("and another run changes nothing", async () => {
    assert.deepEqual((await theLab().run()).operations, []);
  });
}

/** Looks at the nodes again and again until it is stopped; a look that fails (the API restarts) is none. */
function watchNodes(lab: ClusterOnLab, moments: Moment[]): { readonly stop: () => Promise<void> } {
  let isOver = false;
  const looking = (async (): Promise<void> => {
    while (!isOver) {
      const nodes = await lab.get<KubernetesNode>("nodes").catch(() => undefined);
      if (nodes !== undefined) {
        moments.push({
          unschedulable: nodes.filter(({ spec }) => spec.unschedulable === true).map(({ metadata }) => metadata.name),
          versions: Object.fromEntries(nodes.map((node) => [node.metadata.name, node.status.nodeInfo.kubeletVersion])),
        });
      }
      await sleep(250);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await looking;
    },
  };
}

async function podsOfWeb(lab: ClusterOnLab): Promise<string[]> {
  type Pod = KubernetesObject & { status: { phase: string }; metadata: { deletionTimestamp?: string } };
  const pods = await lab.get<Pod>("pods", "-n", "apps", "-l", "app=web");
  return pods
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === "Running")
    .map(({ metadata }) => metadata.uid);
}
