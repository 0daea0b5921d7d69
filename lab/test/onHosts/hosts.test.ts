import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureKey } from "../../hosts/keys";
import { CHECKOUT } from "../../paths";
import { docker, remains, running, ssh, type TestCheckout, testCheckout, whyNoLab } from "./labOnDocker";

const LAB = "test-hosts";
const SECOND = "test-second";

describe("the lab's hosts, on a real container engine", function () {
  this.timeout(600_000);
  let checkout: TestCheckout;
  const paths = () => checkout.paths(LAB);
  const up = async (more: { servers?: number; agents?: number } = {}): Promise<string> => {
    checkout.output();
    await checkout.verbs.up({ name: LAB, k3s: checkout.k3s, ...more });
    return checkout.output();
  };

  before(async function () {
    const reason = whyNoLab();
    if (reason !== undefined) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    checkout = testCheckout();
    const said = await up({ servers: 1, agents: 2 });
    assert.match(said, /✓ host server-1 \(\d+\.\d s\)/);
    assert.match(said, /lab test-hosts has 1 server and 2 agents/);
  });

  after(async () => {
    if ((checkout as TestCheckout | undefined) === undefined) return;
    for (const name of [LAB, SECOND]) await checkout.verbs.down({ name });
    checkout.remove();
  });

  it("run systemd without a failed unit, and answer SSH as a user who may use sudo", () => {
    for (const host of ["server-1", "agent-1", "agent-2"]) {
      const answer = ssh(paths(), host, "id -un; sudo -n id -un; systemctl is-system-running; hostname");
      assert.deepEqual(answer, { code: 0, out: `ops\nroot\nrunning\n${host}` });
    }
  });

  it("are reached by the host key in the stack's file only, and by the operator's key only", async () => {
    const stack = readFileSync(paths().stackFile, "utf8");
    const keys = checkout.state(LAB).hosts.map((host) => host.hostKey);
    assert.equal(new Set(keys).size, 3, "each host has a key of its own");
    assert.ok(keys.every((key) => stack.includes(`hostKey: ${key}`)));

    const wrong = join(checkout.root, "wrong_known_hosts");
    writeFileSync(
      wrong,
      readFileSync(paths().knownHosts, "utf8").replaceAll("server-1", "x").replaceAll("agent-1", "server-1"),
    );
    const refused = ssh(paths(), "server-1", "true", "-o", `UserKnownHostsFile=${wrong}`, "-o", "LogLevel=INFO");
    assert.equal(refused.code, 255);
    assert.match(refused.out, /host key .*(changed|verification failed)/is);

    const stranger = join(checkout.root, "stranger");
    await ensureKey(stranger, "stranger");
    const denied = ssh(paths(), "server-1", "true", "-F", "none", "-i", stranger, "-o", "IdentitiesOnly=yes");
    assert.equal(denied.code, 255);
  });

  it("are published on a loopback address and nowhere else", async () => {
    const { loopback, hosts } = checkout.state(LAB);
    assert.match(loopback, /^127\./);
    for (const host of hosts) {
      const published = docker("port", `groundwork-lab-${LAB}-${host.name}`).split("\n");
      assert.ok(
        published.every((line) => line.includes(`-> ${loopback}:`)),
        published.join(),
      );
    }
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter((one) => !one.internal && one.family === "IPv4");
    for (const { address } of outside) assert.equal(await answers(address, hosts[0]?.sshPort ?? 0), false, address);
  });

  it("reach one another through the VPN interface, which can be lost and made again", () => {
    const ping = () => ssh(paths(), "agent-1", "ping -c 1 -W 2 -I vpn0 10.77.0.11").code;
    assert.equal(ping(), 0);
    assert.equal(ssh(paths(), "server-1", "sudo systemctl stop vpn0").code, 0);
    assert.notEqual(ssh(paths(), "server-1", "ip link show vpn0").code, 0);
    assert.notEqual(ping(), 0);
    assert.equal(ssh(paths(), "server-1", "sudo systemctl start vpn0").code, 0);
    assert.equal(ping(), 0);
  });

  it("resolve the site's names and fetch k3s from its mirror, with the right sum", () => {
    const { prefix } = checkout.state(LAB);
    const names = ssh(paths(), "agent-1", `busybox nslookup -type=a server-1.lab.test ${prefix}.2`);
    assert.match(names.out, new RegExp(`Address: ${prefix}\\.11`));
    const fetched = ssh(
      paths(),
      "agent-1",
      `set -e; cd "$(mktemp -d)"; for file in k3s sha256sum-amd64.txt; do curl -fsSO http://${prefix}.2/k3s/v1.36.4+k3s1/$file; done; sha256sum -c sha256sum-amd64.txt; cmp k3s /srv/groundwork-lab/k3s/v1.36.4+k3s1/k3s`,
    );
    assert.deepEqual(fetched, { code: 0, out: "k3s: OK" });
  });

  it("are not touched by a second 'lab up', which says so", async () => {
    const before = running(LAB);
    const stack = readFileSync(paths().stackFile, "utf8");
    assert.equal(await up(), `nothing changed: lab ${LAB} has 1 server and 2 agents\n`);
    assert.deepEqual(running(LAB), before);
    assert.equal(readFileSync(paths().stackFile, "utf8"), stack);
  });

  it("come and go one by one without touching the others", async () => {
    const before = running(LAB);
    await up({ agents: 3 });
    const more = running(LAB);
    assert.equal(ssh(paths(), "agent-3", "ping -c 1 -W 2 10.77.0.31").code, 0);
    assert.match(readFileSync(paths().stackFile, "utf8"), /name: agent-3/);
    more.delete("agent-3");
    assert.deepEqual(more, before);
    await up({ agents: 2 });
    assert.deepEqual(running(LAB), before);
    assert.doesNotMatch(readFileSync(paths().stackFile, "utf8"), /agent-3/);
    assert.equal(existsSync(join(paths().hostKeys, "agent-3")), false);
  });

  it("that an interrupted 'lab up' left unfinished are made anew by the next one, and no other", async () => {
    const before = running(LAB);
    const script = `require("${join(__dirname, "../../verbs")}").labVerbs({ out() {}, err() {} }, ${JSON.stringify(checkout.root)}).up({ name: "${LAB}", agents: 4 })`;
    const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", script], {
      stdio: "ignore",
      cwd: CHECKOUT,
    });
    const ended = new Promise((done) => child.on("exit", done));
    while (
      child.exitCode === null &&
      !docker("ps", "--filter", `label=groundwork.lab=${LAB}`, "--format", "{{.Names}}").includes("agent-")
    ) {
      await sleep(20);
    }
    while (child.exitCode === null && running(LAB).size < before.size + 1) await sleep(20);
    child.kill("SIGKILL");
    await ended;
    const said = await up({ agents: 3 });
    assert.match(said, /left unfinished by an interrupted run, removed: agent-/);
    assert.equal(ssh(paths(), "agent-3", "true").code, 0);
    await up({ agents: 2 });
    assert.deepEqual(running(LAB), before);
  });

  it("that stopped are started again with what was on their disk; a port that was taken meanwhile is named", async () => {
    ssh(paths(), "agent-2", "sudo touch /var/lib/kept");
    docker("stop", "--time", "5", `groundwork-lab-${LAB}-agent-2`);
    const { loopback, hosts } = checkout.state(LAB);
    const port = hosts.find((host) => host.name === "agent-2")?.sshPort ?? 0;
    const intruder = createServer().listen(port, loopback);
    await new Promise((done) => intruder.once("listening", done));
    assert.equal(await checkout.verbs.status({ name: LAB }), 1);
    await assert.rejects(up(), {
      message: new RegExp(`^host agent-2: ${loopback}:${String(port)} is taken by another program; stop`),
    });
    await new Promise((done) => intruder.close(done));
    assert.match(await up(), /✓ agent-2 started again/);
    assert.equal(ssh(paths(), "agent-2", "test -e /var/lib/kept && ip address show vpn0 | grep -q 10.77.0.32").code, 0);
    assert.equal(await checkout.verbs.status({ name: LAB }), 0);
  });

  it("of a second lab live beside the first, on another network and loopback address", async () => {
    await checkout.verbs.up({ name: SECOND, k3s: checkout.k3s, servers: 1, agents: 0 });
    const [first, second] = [checkout.state(LAB), checkout.state(SECOND)];
    assert.notEqual(first.prefix, second.prefix);
    assert.notEqual(first.loopback, second.loopback);
    assert.equal(ssh(checkout.paths(SECOND), "server-1", "hostname").out, "server-1");
    assert.notEqual(ssh(checkout.paths(SECOND), "server-1", `ping -c 1 -W 1 ${first.prefix}.11`).code, 0);
    await checkout.verbs.down({ name: SECOND });
    assert.deepEqual(remains(SECOND), []);
    assert.equal(running(LAB).size, 4);
  });

  it("are not touched by the lab of the same name of another checkout", async () => {
    const other = testCheckout();
    try {
      const message = new RegExp(
        `^there is a lab ${LAB} of another checkout \\(${paths().directory}\\); give this one another name`,
      );
      await assert.rejects(other.verbs.up({ name: LAB, k3s: other.k3s }), { message });
      await assert.rejects(other.verbs.down({ name: LAB }), { message });
      assert.equal(running(LAB).size, 4);
    } finally {
      other.remove();
    }
  });

  it("of an older version are left alone by 'lab up', and 'lab down' leaves nothing of them", async () => {
    writeFileSync(paths().state, JSON.stringify({ schema: 0 }));
    await assert.rejects(
      up(),
      /was made by an older version of Groundwork .*; remove it with 'npx groundwork lab down --name test-hosts'/,
    );
    assert.equal(running(LAB).size, 4);

    const { lock, directory, stackFile, labs } = paths();
    await checkout.verbs.down({ name: LAB });
    assert.deepEqual(remains(LAB), []);
    assert.deepEqual(
      [lock, directory, stackFile, labs].filter((path) => existsSync(path)),
      [],
    );
    const bridges = Object.keys(networkInterfaces()).filter((name) => name.startsWith("gwl-"));
    assert.equal(
      bridges.some((name) => docker("network", "ls", "--format", "{{.Name}}").includes(name)),
      false,
    );
    checkout.output();
    await checkout.verbs.down({ name: LAB });
    assert.match(checkout.output(), /^there is no lab test-hosts/);
  });
});

async function answers(address: string, port: number): Promise<boolean> {
  return await new Promise((done) => {
    const socket = connect({ host: address, port, timeout: 1000 });
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
    for (const event of ["error", "timeout"]) {
      socket.once(event, () => {
        socket.destroy();
        done(false);
      });
    }
  });
}
