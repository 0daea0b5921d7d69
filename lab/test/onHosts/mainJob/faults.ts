import assert from "node:assert/strict";
import { type ClusterOnLab, type KubernetesNode, RunFailed } from "../clusterOnLab";
import { docker } from "../labOnDocker";
import { lives, restarted } from "../hostFacts";

const HOSTS = ["server-1", "agent-1", "agent-2"];

export function itTellsFaults(theLab: () => ClusterOnLab): void {
  it("a host with another key than the stack's is refused in one line, and gets nothing", async () => {
    const lab = theLab();
    const before = await lives(lab, HOSTS);
    const files = await configurations(lab, "agent-2");
    await lab.on(
      "agent-2",
      "cd /etc/ssh; cp -p ssh_host_ed25519_key /root/kept-key; rm ssh_host_ed25519_key; ssh-keygen -q -t ed25519 -N '' -f ssh_host_ed25519_key; systemctl restart ssh",
    );
    lab.setNode("agent-2", "k3s", { "kubelet-arg": ["max-pods=50"] });
    try {
      const failed = await failing(lab.apply());
      assert.match(failed.reported, /agent-2[^\n]*host key|ssh: handshake failed: [^\n]*(host )?key/i);
      assert.doesNotMatch(failed.reported, /^\s+at /m, "no stack trace");
    } finally {
      const restore =
        "cp -p /root/kept-key /etc/ssh/ssh_host_ed25519_key; rm /root/kept-key; ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key >/etc/ssh/ssh_host_ed25519_key.pub; systemctl restart ssh";
      docker("exec", `groundwork-lab-${lab.name}-agent-2`, "sh", "-c", restore);
      lab.setNode("agent-2", "k3s", undefined);
    }
    assert.equal(await configurations(lab, "agent-2"), files);
    assert.deepEqual(restarted(before, await lives(lab, HOSTS)), []);
    await lab.apply();
    assert.deepEqual(await cordoned(lab), []);
  });

  it("a dead host is named, the others are seen to, and the next run finishes when it is back", async () => {
    const lab = theLab();
    const container = `groundwork-lab-${lab.name}-agent-2`;
    lab.set(["dns", "searchDomains"], ["lab.test"]);
    docker("stop", "--time", "20", container);
    const failed = await failing(lab.apply());
    assert.match(failed.reported, /agent-2/);
    assert.doesNotMatch(failed.reported, /agent-1|server-1/);
    for (const host of ["server-1", "agent-1"]) {
      assert.match(await lab.on(host, "cat /etc/resolv.k3s.conf"), /^search lab\.test$/m);
    }
    const { text } = await lab.run();
    assert.match(text, /✓ agent-2 started again/);
    assert.match(await lab.on("agent-2", "cat /etc/resolv.k3s.conf"), /^search lab\.test$/m);
    assert.deepEqual((await lab.run()).operations, []);
  });

  it("a setting that k3s refuses fails with k3s's own words, and what ran before runs again", async () => {
    const lab = theLab();
    const before = await configurations(lab, "agent-1");
    lab.setNode("agent-1", "k3s", { "no-such-setting": "x" });
    try {
      const failed = await failing(lab.run());
      assert.match(failed.text + failed.reported, /flag provided but not defined: -no-such-setting/);
      assert.match(failed.text + failed.reported, /what ran before runs again/);
      assert.equal(await configurations(lab, "agent-1"), before);
      assert.equal(await lab.on("agent-1", "systemctl is-active k3s-agent"), "active");
    } finally {
      lab.setNode("agent-1", "k3s", undefined);
    }
    await lab.run();
    assert.deepEqual(await cordoned(lab), []);
    assert.deepEqual((await lab.run()).operations, []);
  });
}

async function failing(run: Promise<unknown>): Promise<RunFailed> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RunFailed, `the run did not fail: ${String(error)}`);
  return error;
}

async function configurations(lab: ClusterOnLab, host: string): Promise<string> {
  return await lab.on(host, "cat /etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.d/* /etc/resolv.k3s.conf");
}

async function cordoned(lab: ClusterOnLab): Promise<string[]> {
  const nodes = await lab.get<KubernetesNode>("nodes");
  return nodes.filter(({ spec }) => spec.unschedulable === true).map(({ metadata }) => metadata.name);
}
