import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { run as runProgram, type Outcome } from "../../../process/run";
import { dockerName, hostAddress, OPERATOR_USER } from "../../naming";
import { architecture, assetName, releases } from "../../site/release";
import { CHECKOUT } from "../../paths";
import { type ClusterOnLab, engine, type RunFailed } from "./clusterOnLab";
import { docker } from "./labOnDocker";
import { oneLab } from "./oneLab";

const PASSWORD = `it's "so" $secret; # 1`;
const BEHIND = ["server-1", "agent-1"];
const GATE = "agent-2";

// One lab for all of it, in this order: two machines that only a third one reaches, whose sudo asks, and whose shell prints.
describe("a site behind a bastion", function () {
  const theLab = oneLab(this, "test-reach", async (lab) => {
    await lab.up({ servers: 1, agents: 2 });
    for (const host of BEHIND) close(lab, host);
    settings(lab);
  });

  it("comes up whole through it, add-ons included, while nothing gets to the API directly", async () => {
    const lab = theLab();
    const { text } = await lab.apply();
    assert.ok(!(text + lab.said()).includes(PASSWORD), "the password is in no output");
    const ready = root(lab, "server-1", "k3s kubectl get nodes --no-headers");
    assert.equal(ready.split("\n").filter((line) => line.includes(" Ready ")).length, 2);
    const issuers = root(
      lab,
      "server-1",
      "k3s kubectl get clusterissuers -o name; k3s kubectl get namespace apps -o name",
    );
    assert.deepEqual(issuers.split("\n"), [
      "clusterissuer.cert-manager.io/internal-ca",
      "clusterissuer.cert-manager.io/internal-ca-selfsigned",
      "clusterissuer.cert-manager.io/lets-encrypt",
      "namespace/apps",
    ]);
    const direct = await runProgram("curl", ["-sk", "-m", "3", `https://${lab.state().loopback}:6443/version`]);
    assert.notEqual(direct.code, 0);
  });

  it("changes nothing in a second run", async () => {
    assert.deepEqual((await theLab().apply()).operations, []);
  });

  it("has the password in no plain state, no process and no file of a host", async () => {
    const lab = theLab();
    if (engine === "lab") {
      assert.ok(!readFileSync(join(lab.paths.directory, "engine-state.json"), "utf8").includes(PASSWORD));
    }
    for (const host of BEHIND) {
      const found = root(
        lab,
        host,
        `grep -rlF '"so" $secret' /home /etc /tmp /var/lib/groundwork /var/log 2>/dev/null || true`,
      );
      assert.equal(found, "", host);
    }
  });

  it("gives kubectl a way through groundwork tunnel, with a kubeconfig that no start file got into", async () => {
    const lab = theLab();
    const home = mkdtempSync(join(tmpdir(), "groundwork-reach-"));
    try {
      const file = join(home, ".kube", "config");
      mkdirSync(join(home, ".kube"));
      writeFileSync(
        file,
        "# mine\napiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\ncurrent-context: other\n",
      );
      ok(await verb(lab, home, "kubeconfig", "--fresh", "--merge", "--context", "reach"));
      const merged = readFileSync(file, "utf8");
      assert.match(merged, /^# mine$/m);
      assert.doesNotMatch(merged, /Welcome/);
      assert.equal((parse(merged) as { "current-context": string })["current-context"], "other");
      const kubectl = join(lab.paths.mirror, releases(lab.paths).at(-1) ?? "", assetName(architecture()));
      const get = ["kubectl", "--kubeconfig", file, "--context", "reach", "get", "nodes", "-o", "name"];
      const { stdout } = ok(await verb(lab, home, "tunnel", "--", kubectl, ...get));
      assert.deepEqual(stdout.trim().split("\n").sort(), ["node/agent-1", "node/server-1"]);
      const { stdout: status } = ok(await verb(lab, home, "status"));
      assert.equal(status.match(/ ok +active .* Ready$/gm)?.length, 2, status);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it("deletes what is taken out, after the program has ended", async () => {
    const lab = theLab();
    lab.set(["namespaces"], undefined);
    const { operations } = await lab.apply();
    assert.ok(operations.includes("deleted apps"), operations.join(", "));
    assert.equal(root(lab, "server-1", "k3s kubectl get namespace apps --ignore-not-found -o name"), "");
  });

  it("renews certificates node by node by one setting, and reads the kubeconfig again", async () => {
    const lab = theLab();
    const before = root(lab, "server-1", "systemctl show -p ActiveEnterTimestampMonotonic k3s");
    lab.set(["cluster", "renewCertificates"], "2027-09");
    const { operations } = await lab.apply();
    const expected = BEHIND.flatMap((name) => [name, `${name}-drain`, `${name}-ready`]).concat("credentials");
    assert.deepEqual([...operations].sort(), expected.map((name) => `updated ${name}`).sort());
    assert.notEqual(root(lab, "server-1", "systemctl show -p ActiveEnterTimestampMonotonic k3s"), before);
    assert.deepEqual((await lab.apply()).operations, []);
  });

  it("tries a wrong password once on each host, and says which setting it is", async () => {
    const lab = theLab();
    lab.setSecret(["ssh", "sudoPassword"], "wrong");
    await assert.rejects(lab.apply(), (failed: RunFailed) => {
      assert.match(failed.text + failed.reported, /sudo does not accept ssh\.sudoPassword of ops/);
      return true;
    });
    lab.setSecret(["ssh", "sudoPassword"], PASSWORD);
    await lab.apply();
  });

  it("is destroyed without a way to the API", async () => {
    const lab = theLab();
    await lab.destroy();
    for (const host of BEHIND) {
      assert.equal(root(lab, host, "ls -d /var/lib/rancher/k3s/server /etc/rancher/k3s 2>/dev/null || true"), "");
    }
  });
});

/** The hosts' own address behind the bastion, and what a password and a bastion need. */
function settings(lab: ClusterOnLab): void {
  const { prefix, hosts, loopback } = lab.state();
  const gate = hosts.find(({ name }) => name === GATE);
  assert.ok(gate);
  lab.removeNode(GATE);
  for (const host of hosts.filter(({ name }) => BEHIND.includes(name))) {
    lab.setNode(host.name, "address", hostAddress(prefix, host));
    lab.setNode(host.name, "ssh", undefined);
  }
  lab.set(["ssh", "bastions"], { gate: { address: loopback, port: gate.sshPort, hostKey: gate.hostKey } });
  lab.set(["ssh", "bastion"], "gate");
  lab.setSecret(["ssh", "sudoPassword"], PASSWORD);
  lab.set(["cluster", "apiThrough"], "ssh");
  lab.set(["storage"], { localPath: { default: true } });
  lab.set(["ingress"], { controller: "none" });
}

/** A host that only the lab's own network reaches, whose sudo asks, and whose shell greets. */
function close(lab: ClusterOnLab, host: string): void {
  const gateway = `${lab.state().prefix}.1`;
  root(
    lab,
    host,
    `rm /etc/sudoers.d/${OPERATOR_USER}
printf '%s ALL=(ALL) ALL\\n' ${OPERATOR_USER} >/etc/sudoers.d/asks
printf '%s:%s\\n' ${OPERATOR_USER} '${PASSWORD.replaceAll("'", String.raw`'\''`)}' | chpasswd
{ echo 'echo "Welcome to ${host}!"'; cat /home/${OPERATOR_USER}/.bashrc; } >/tmp/bashrc
cp /tmp/bashrc /home/${OPERATOR_USER}/.bashrc
for port in 22 6443; do iptables -I INPUT -s ${gateway} -p tcp --dport $port -j REJECT --reject-with tcp-reset; done`,
  );
}

/** Output of a shell script that root runs on a host, without SSH. */
function root(lab: ClusterOnLab, host: string, script: string): string {
  return docker("exec", dockerName(lab.name, host), "sh", "-ec", script);
}

async function verb(lab: ClusterOnLab, home: string, name: string, ...args: string[]): Promise<Outcome> {
  const { PULUMI_CONFIG_PASSPHRASE: _, KUBECONFIG: __, ...inherited } = process.env;
  const env = { ...inherited, HOME: home, PULUMI_CONFIG_PASSPHRASE_FILE: lab.paths.passphrase };
  const all = [
    join(CHECKOUT, "bin", "groundwork.js"),
    name,
    "--cwd",
    lab.paths.root,
    "--stack",
    `lab-${lab.name}`,
    ...args,
  ];
  return await runProgram(process.execPath, all, { env, timeoutMs: 60_000 });
}

function ok(outcome: Outcome): Outcome {
  assert.equal(outcome.code, 0, `${outcome.stderr}${outcome.stdout}`);
  return outcome;
}
