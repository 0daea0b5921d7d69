import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import type { ClusterOnLab, KubernetesNode } from "./clusterOnLab";
import { lives, restarted } from "./hostFacts";
import { oneLab, withoutAddons } from "./oneLab";
import { groundwork } from "./verb";

const SERVERS = ["server-1", "server-2", "server-3"];
const HOSTS = [...SERVERS, "agent-1"];
const FILES = "/var/lib/rancher/k3s/server/tls/server-ca.crt /var/lib/rancher/k3s/agent/server-ca.crt";

describe("the certificate authorities of three servers and an agent", function () {
  const theLab = oneLab(this, "test-rotate-ca", async (lab) => {
    await lab.up({ servers: 3, agents: 1 });
    withoutAddons(lab);
    await lab.run();
  });
  const authorities = (): Promise<string[]> =>
    Promise.all(HOSTS.map((host) => theLab().on(host, `cat ${FILES} 2>/dev/null | sed '/END CERT/q'`)));
  const ready = async (lab: ClusterOnLab): Promise<string[]> => {
    const nodes = await lab.get<KubernetesNode>("nodes");
    const isReady = ({ status }: KubernetesNode): boolean =>
      status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True");
    return nodes.filter(isReady).map(({ metadata }) => metadata.name);
  };
  const pins = async (): Promise<string[]> =>
    Promise.all(["server-2", "server-3", "agent-1"].map((host) => pinOn(theLab(), host)));
  let before: string;

  it("are looked at, and nothing is changed", async () => {
    const { code, out, err } = await groundwork(theLab(), "rotate", "ca", "--dry-run");
    assert.equal(code, 0, `${out}${err}`);
    assert.match(out, /^then k3s restarts on server-1, server-2, server-3, agent-1, one after another; pods run on$/m);
    [before = ""] = await authorities();
    assert.deepEqual(new Set(await authorities()), new Set([before]));
  });

  it("are other ones everywhere after one restart each, and who trusted those of before goes on", async () => {
    const lab = theLab();
    const [pin = ""] = await pins();
    const lived = await lives(lab, HOSTS);
    const { code, out, err } = await groundwork(lab, "rotate", "ca", "--yes");
    assert.equal(code, 0, `${out}${err}`);
    assert.match(out, /^server-1: saved \/var\/lib\/groundwork\/snapshots\/rotate-ca-/m);
    assert.match(out, /^server-1: all nodes have the new authorities$/m);
    const now = await authorities();
    assert.equal(new Set(now).size, 1);
    assert.notEqual(now[0], before);
    assert.deepEqual(restarted(lived, await lives(lab, HOSTS)), HOSTS);
    assert.deepEqual(await ready(lab), [...HOSTS].sort(), "with the kubeconfig of before");
    assert.equal(new Set(await pins()).size, 1);
    assert.notEqual((await pins())[0], pin);
    assert.equal(await lab.on("server-1", "ls /var/lib/groundwork/rotate-ca 2>&1 | grep -c 'No such file'"), "1");
    await lab.on("agent-1", "systemctl restart k3s-agent");
  });

  it("are in the kubeconfig that is read again", async () => {
    const lab = theLab();
    const { code, out } = await groundwork(lab, "kubeconfig", "--fresh");
    assert.equal(code, 0);
    const given = authorityIn(out);
    assert.notEqual(given, authorityIn(readFileSync(lab.paths.kubeconfig, "utf8")));
    const pinned = Buffer.from(given, "base64")
      .toString()
      .split(/(?<=-----END CERTIFICATE-----\n)/);
    assert.equal(createHash("sha256").update(derOf(pinned[1]!)).digest("hex"), (await pins())[0]);
    const file = `${lab.paths.kubeconfig}.fresh`;
    writeFileSync(file, out, { mode: 0o600 });
    try {
      assert.equal(await lab.kubectl(["--kubeconfig", file, "get", "node", "agent-1", "-o", "name"]), "node/agent-1");
    } finally {
      rmSync(file);
    }
  });

  it("are nothing to an 'up', and are read by one that is told so, without a restart; then a node joins", async () => {
    const lab = theLab();
    assert.deepEqual((await lab.apply()).operations, []);
    const [pinned, lived] = [await pins(), await lives(lab, HOSTS)];
    lab.set(["cluster", "authorityRotated"], "2027-09");
    const { operations } = await lab.apply();
    assert.deepEqual([...operations].sort(), [
      "created kubeconfig-2027-09",
      "deleted kubeconfig",
      "updated agent-1-token",
      "updated credentials",
      "updated k8s",
      "updated server-2-token",
      "updated server-3-token",
    ]);
    assert.deepEqual(await pins(), pinned);
    assert.deepEqual(restarted(lived, await lives(lab, HOSTS)), []);
    await lab.run({ agents: 2 });
    assert.deepEqual(await ready(lab), [...HOSTS, "agent-2"].sort());
    assert.deepEqual((await lab.apply()).operations, []);
  });
});

async function pinOn(lab: ClusterOnLab, host: string): Promise<string> {
  return (await lab.on(host, "sed 's/^K10//; s/::.*//' /etc/rancher/k3s/token")).trim();
}

function authorityIn(kubeconfig: string): string {
  const { clusters } = parse(kubeconfig) as {
    clusters: { cluster: { "certificate-authority-data": string } }[];
  };
  return clusters[0]!.cluster["certificate-authority-data"];
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ""), "base64");
}
