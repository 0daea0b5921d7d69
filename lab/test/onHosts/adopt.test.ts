import assert from "node:assert/strict";
import { versions } from "../../../config/versions/pins";
import { vpnAddress, VPN_INTERFACE } from "../../naming";
import { mirrorUrl } from "../../stack/stackSettings";
import { officialUnit } from "../../../test/officialUnit";
import { type ClusterOnLab, eventually, type KubernetesNode, type RunFailed } from "./clusterOnLab";
import { lives, restarted } from "./hostFacts";
import { oneLab, withoutAddons } from "./oneLab";

/** The release that somebody installed by hand; the stack's is newer. */
const THEIRS = "v1.36.2+k3s1";
const HOSTS = ["server-1", "agent-1"];
const KEPT = "/var/lib/groundwork/adopted-*";
const DB = "/var/lib/rancher/k3s/server/db";

// One lab for all of it, in this order.
describe("a k3s that was installed by hand, on one server and one agent", function () {
  const theLab = oneLab(this, "test-adopt", async (lab) => {
    await lab.up({ servers: 1, agents: 1 });
    await lab.verbs.release([THEIRS], { name: lab.name });
    withoutAddons(lab);
    await installByHand(lab);
  });

  it("is refused untouched while a setting differs that a cluster keeps for ever", async () => {
    const lab = theLab();
    for (const host of HOSTS) lab.setNode(host, "adopt", true);
    for (const [name, file] of Object.entries({ token: "token", agentToken: "agent-token" })) {
      const token = await lab.on("server-1", `cat /var/lib/rancher/k3s/server/${file}`);
      lab.setSecret(["k3s", name], token.slice(token.lastIndexOf(":") + 1));
    }
    const before = await lives(lab, HOSTS);
    await assert.rejects(lab.run(), (failed: RunFailed) => {
      assert.match(
        failed.text + failed.reported,
        /server-1: secrets-encryption is false .+ k3s\.secretsEncryption: false/,
      );
      return true;
    });
    assert.deepEqual(restarted(before, await lives(lab, HOSTS)), []);
    assert.equal(await lab.on("server-1", `ls -d ${KEPT} 2>/dev/null || true`), "");
    lab.set(["k3s", "secretsEncryption"], false);
  });

  it("runs again, with its data in SQLite, when k3s does not start with the stack's settings", async () => {
    const lab = theLab();
    lab.set(["k3s", "server"], { "kubelet-arg": ["no-such-flag=1"] });
    await assert.rejects(lab.run(), (failed: RunFailed) => {
      assert.match(failed.text + failed.reported, /the k3s that was here runs again, as it was/);
      return true;
    });
    lab.set(["k3s", "server"], undefined);
    assert.equal(await lab.on("server-1", "grep -c Groundwork /etc/systemd/system/k3s.service || true"), "0");
    assert.equal(
      await lab.on("server-1", `cd ${DB} && ls -d etcd state.db.migrated 2>/dev/null || ls state.db`),
      "state.db",
    );
    await eventually("its object", () => lab.on("server-1", "k3s kubectl get configmap kept"));
  });

  it("becomes the stack's, with its cluster: both nodes Ready, etcd, the object still there, the old files kept", async () => {
    const lab = theLab();
    await lab.run();
    const nodes = await lab.get<KubernetesNode>("nodes");
    const seen = nodes.map(({ metadata, status }) => [
      metadata.name,
      status.conditions.find(({ type }) => type === "Ready")?.status,
      status.nodeInfo.kubeletVersion,
    ]);
    assert.deepEqual(
      seen.sort(),
      [...HOSTS].sort().map((host) => [host, "True", versions.k3s]),
    );
    const server = nodes.find(({ metadata }) => metadata.name === "server-1");
    assert.equal(server?.status.conditions.find(({ type }) => type === "EtcdIsVoter")?.status, "True");
    assert.equal(await lab.kubectl(["get", "configmap", "kept", "-o", "jsonpath={.data.by}"]), "somebody else");
    assert.match(await lab.on("server-1", `head -c 15 ${KEPT}/data/state.db`), /^SQLite format 3/);
    assert.match(await lab.on("server-1", `${KEPT}/files/usr/local/bin/k3s --version`), /v1\.36\.2/);
    for (const host of HOSTS) {
      assert.equal(await lab.on(host, `stat -c %a ${KEPT}`), "700");
      assert.match(await lab.on(host, `ls ${KEPT}`), /k3s(-agent)?-uninstall\.sh/);
      assert.equal(await lab.on(host, "ls /usr/local/bin/*-uninstall.sh 2>/dev/null || true"), "");
    }
  });

  it("is an ordinary cluster from then on: a second run changes nothing and restarts nobody", async () => {
    const before = await lives(theLab(), HOSTS);
    assert.deepEqual((await theLab().run()).operations, []);
    assert.deepEqual(restarted(before, await lives(theLab(), HOSTS)), []);
  });
});

/** What the official script does, and an object in the cluster. */
async function installByHand(lab: ClusterOnLab): Promise<void> {
  const { prefix, hosts } = lab.state();
  const address = (name: string): string => vpnAddress(hosts.find((host) => host.name === name)!);
  const install = async (name: string, role: "server" | "agent", args: string[], env: string[]): Promise<void> => {
    const unit = role === "server" ? "k3s" : "k3s-agent";
    const all = [`--node-ip=${address(name)}`, `--flannel-iface=${VPN_INTERFACE}`, ...args];
    await lab.on(
      name,
      `set -eu
curl -fsSL -o /usr/local/bin/k3s ${mirrorUrl(prefix)}/${THEIRS.replace("+", "%2B")}/k3s
chmod 755 /usr/local/bin/k3s
printf '#!/bin/sh\\nrm -rf /var/lib/rancher/k3s\\n' >/usr/local/bin/${unit}-uninstall.sh
chmod 755 /usr/local/bin/${unit}-uninstall.sh
umask 077
cat >/etc/systemd/system/${unit}.service.env <<'END'
${env.join("\n")}
END
cat >/etc/systemd/system/${unit}.service <<'END'
${officialUnit(unit, role, all)}
END
chmod 644 /etc/systemd/system/${unit}.service
systemctl daemon-reload
systemctl enable -q ${unit}
timeout 120 systemctl restart ${unit}`,
    );
  };
  const disabled = ["traefik", "servicelb", "metrics-server"].flatMap((name) => ["--disable", name]);
  await install("server-1", "server", disabled, []);
  await lab.on("server-1", "k3s kubectl create configmap kept --from-literal='by=somebody else'");
  const token = await lab.on("server-1", "cat /var/lib/rancher/k3s/server/node-token");
  await install("agent-1", "agent", [], [`K3S_TOKEN='${token}'`, `K3S_URL='https://${address("server-1")}:6443'`]);
  await eventually("both nodes to be Ready", async () => {
    const ready = await lab.on("server-1", "k3s kubectl get nodes --no-headers");
    return ready.split("\n").filter((line) => line.includes(" Ready ")).length === HOSTS.length;
  });
}
