import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { siteAddress, stackName } from "../../../naming";
import { type ClusterOnLab, eventually, type KubernetesNode, type KubernetesObject } from "../clusterOnLab";
import { lives, watchProcesses } from "../hostFacts";

/** A release whose k3s does not bring flannel back by itself; the upgrade goes on to the pinned one. */
export const FIRST_VERSION = "v1.36.1+k3s1";
const HOSTS = ["server-1", "agent-1", "agent-2"];

export function itBringsUpTheCluster(theLab: () => ClusterOnLab): void {
  const secrets: string[] = [];

  it("and shows no secret in a command line, an environment, the journal, the state, or what it prints", async () => {
    const lab = theLab();
    for (const name of ["token", "agentToken"]) {
      const canary = `canary-${name}-${randomBytes(12).toString("hex")}`;
      lab.setSecret(["k3s", name], canary);
      secrets.push(canary);
    }
    secrets.push(...keyLines(lab));
    lab.setNode("agent-1", "labels", { "example.com/disk": "ssd" });
    lab.setNode("agent-1", "taints", ["example.com/busy=yes:PreferNoSchedule"]);
    const watches = await Promise.all(HOSTS.map((host) => watchProcesses(lab, host, secrets)));
    await lab.run();
    for (const stop of watches) assert.deepEqual(await stop(), [], "processes with a secret");
    for (const host of HOSTS) {
      assert.equal(
        await lab.on(host, `journalctl -q -o cat --no-pager | grep -cF '${secrets.join("\n")}' || true`),
        "0",
      );
    }
    for (const [what, text] of Object.entries({ printed: lab.said(), state: stateText(lab) })) {
      assert.deepEqual(
        secrets.filter((secret) => text.includes(secret)),
        [],
        what,
      );
      assert.doesNotMatch(text, /client-key-data: \S{100}|BEGIN \w+ PRIVATE KEY/, what);
    }
  });

  it("with every node Ready on the wanted version, labelled and tainted as the stack says", async () => {
    const nodes = await theLab().get<KubernetesNode>("nodes");
    const seen = nodes.map(({ metadata, status }) => [
      metadata.name,
      status.conditions.find(({ type }) => type === "Ready")?.status,
      status.nodeInfo.kubeletVersion,
    ]);
    assert.deepEqual(
      seen.sort(),
      [...HOSTS].sort().map((host) => [host, "True", FIRST_VERSION]),
    );
    const tainted = nodes.filter(({ spec }) => spec.taints?.some(({ key }) => key === "example.com/busy"));
    const labelled = nodes.filter(({ metadata }) => metadata.labels?.["example.com/disk"] === "ssd");
    for (const found of [tainted, labelled]) {
      assert.deepEqual(
        found.map(({ metadata }) => metadata.name),
        ["agent-1"],
      );
    }
  });

  it("with flannel on the VPN interface, through which the pods of every other node are reached", async () => {
    const lab = theLab();
    const nodes = await lab.get<KubernetesNode>("nodes");
    for (const host of HOSTS) {
      assert.match(await lab.on(host, "ip -d link show flannel.1"), /vxlan id 1 .*dev vpn0/);
      for (const { metadata, spec } of nodes.filter((node) => node.metadata.name !== host)) {
        const gateway = spec.podCIDR.replace(/0\/\d+$/, "1");
        await eventually(`pods of ${metadata.name} from ${host}`, () => lab.on(host, `ping -c 1 -W 2 ${gateway}`), 60);
      }
    }
  });

  it("with the site's resolver for pods, in the kubelet's configuration too", async () => {
    const lab = theLab();
    const resolver = siteAddress(lab.state().prefix);
    for (const host of HOSTS) {
      assert.equal(await lab.on(host, "cat /etc/resolv.k3s.conf"), `search lab.test\nnameserver ${resolver}`);
      const kubelet = await lab.kubectl(["get", "--raw", `/api/v1/nodes/${host}/proxy/configz`]).catch(() => undefined);
      if (kubelet !== undefined) assert.match(kubelet, /"resolvConf":"\/etc\/resolv\.k3s\.conf"/);
      assert.match(await lab.on(host, "cat /etc/rancher/k3s/config.yaml"), /^resolv-conf: \/etc\/resolv\.k3s\.conf$/m);
    }
  });

  it("with its releases deployed, its issuers there, and its namespaces with quota and limits", async () => {
    const lab = theLab();
    const releases = await lab.get("secrets", "-A", "-l", "owner=helm,status=deployed");
    assert.deepEqual(releases.map(({ metadata }) => metadata.labels?.["name"]).sort(), [
      "cert-manager",
      "ingress-nginx",
      "longhorn",
      "nfs-subdir-external-provisioner",
    ]);
    assert.deepEqual((await lab.get("clusterissuers")).map(({ metadata }) => metadata.name).sort(), [
      "internal-ca",
      "internal-ca-selfsigned",
      "lets-encrypt",
    ]);
    const [quota] = await lab.get<KubernetesObject & { spec: { hard: Record<string, string> } }>(
      "resourcequota",
      "-n",
      "apps",
    );
    assert.deepEqual(quota?.spec.hard, { pods: "40", "requests.cpu": "4", "requests.memory": "8Gi" });
    const [limits] = await lab.get<KubernetesObject & { spec: { limits: { default: unknown }[] } }>(
      "limitrange",
      "-n",
      "apps",
    );
    assert.deepEqual(limits?.spec.limits[0]?.default, { cpu: "500m", memory: "512Mi" });
  });

  it("with exactly one default StorageClass", async () => {
    const classes = await theLab().get("storageclasses");
    const isDefault = "storageclass.kubernetes.io/is-default-class";
    assert.deepEqual(classes.map(({ metadata }) => metadata.name).sort(), ["local-path", "longhorn", "nfs-client"]);
    const defaults = classes.filter(({ metadata }) => metadata.annotations?.[isDefault] === "true");
    assert.deepEqual(
      defaults.map(({ metadata }) => metadata.name),
      ["local-path"],
    );
  });

  it("and a second run changes nothing, restarts nobody, and says so", async () => {
    const lab = theLab();
    const before = await lives(lab, HOSTS);
    const { text, operations } = await lab.run();
    assert.deepEqual(operations, []);
    assert.match(text, /^Nothing changed after /m);
    assert.deepEqual(await lives(lab, HOSTS), before);
  });
}

/** Lines of the operator's private key that are in no other key. */
function keyLines({ paths }: ClusterOnLab): string[] {
  const lines = readFileSync(paths.operatorKey, "utf8").split("\n");
  return lines.filter((line) => line.length > 40 && !line.startsWith("-")).slice(1, 4);
}

export function stateText({ name, paths }: ClusterOnLab): string {
  const files = ["engine-state.json", `pulumi/.pulumi/stacks/groundwork/${stackName(name)}.json`];
  return files
    .map((file) => {
      try {
        return readFileSync(join(paths.directory, file), "utf8");
      } catch {
        return "";
      }
    })
    .join("");
}
