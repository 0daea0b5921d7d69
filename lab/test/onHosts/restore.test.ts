import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { main } from "../../../cli/groundwork";
import { plainPaint } from "../../../plan/render/paint";
import type { SnapshotList } from "../../../operate/snapshots/model";
import { type ClusterOnLab, eventually, type KubernetesNode } from "./clusterOnLab";
import { lives, restarted } from "./hostFacts";
import { CHECKOUT } from "../../paths";
import { oneLab, withoutAddons } from "./oneLab";

const SERVERS = ["server-1", "server-2", "server-3"];
const NODES = [...SERVERS, "agent-1"];

// One lab for all of it, in this order: each test leaves a cluster as the stack's file says.
describe("a restore of three servers", function () {
  const theLab = oneLab(this, "test-restore", async (lab) => {
    await lab.up({ servers: 3, agents: 1 });
    withoutAddons(lab);
    await lab.run();
  });

  it("saves a snapshot, and lists it with its size, its time, its k3s and its server", async () => {
    await make(theLab(), "before");
    const { out } = await verb(theLab(), "snapshot", "save", "--name", "mine");
    assert.match(
      out,
      /^saved \/var\/lib\/groundwork\/snapshots\/mine-server-1-\d+ on server-1 \(\d+\.\d MiB, v1\.\S+\)\n$/,
    );
    const [only, ...others] = (await listed(theLab())).filter(({ name }) => name.startsWith("mine-"));
    assert.deepEqual(others, []);
    assert.ok(only !== undefined && only.bytes > 100_000 && only.node === "server-1", JSON.stringify(only));
    assert.equal(only.version, (await theLab().get<KubernetesNode>("nodes"))[0]?.status.nodeInfo.kubeletVersion);
  });

  it("shows what it would do, and does nothing without a terminal to ask in", async () => {
    const before = await lives(theLab(), SERVERS);
    const { code, out, err } = await verb(theLab(), "snapshot", "restore", await newest(theLab(), "mine"));
    assert.equal(code, 2);
    assert.match(out, /^Restore etcd on 3 servers\n {2}from .*mine-server-1-\d+ on server-1/);
    assert.match(err, /there is no terminal to ask in, so nothing was done; --dry-run shows/);
    assert.deepEqual(restarted(before, await lives(theLab(), SERVERS)), []);
  });

  it("cut off in the middle, it keeps up away, and goes on when it is called again", async () => {
    const lab = theLab();
    await make(lab, "after");
    const name = await newest(lab, "mine");
    await killedAt(lab, /^server-2 +moved .*\/tls to/m, "snapshot", "restore", name, "--yes");

    lab.set(["network", "nodePortRange"], "30000-32000");
    await assert.rejects(lab.apply(), /a restore was begun on this host and is not finished/);
    lab.set(["network", "nodePortRange"], undefined);

    const other = await verb(lab, "snapshot", "restore", "--from-survivor", "server-2", "--yes");
    assert.match(other.err, /another restore was begun and is not finished/);
    const again = await verb(lab, "snapshot", "restore", "--yes");
    assert.equal(again.code, 0, again.err);
    assert.match(again.out, /^Go on with the restore of etcd on 3 servers/);
    await isWell(lab);
    assert.deepEqual(await made(lab), ["before"]);
  });

  it("is followed by an up that changes nothing and restarts nobody", async () => {
    const before = await lives(theLab(), NODES);
    await theLab().apply();
    assert.deepEqual((await theLab().apply()).operations, []);
    assert.deepEqual(restarted(before, await lives(theLab(), NODES)), []);
  });

  it("brings a lost majority back from the one server that has its data", async () => {
    const lab = theLab();
    await make(lab, "later");
    for (const server of ["server-1", "server-3"]) {
      await lab.on(server, "systemctl stop k3s; rm -rf /var/lib/rancher/k3s/server/db/etcd");
    }
    const { code, out, err } = await verb(lab, "snapshot", "restore", "--from-survivor", "server-2", "--yes");
    assert.equal(code, 0, `${out}${err}`);
    await isWell(lab);
    assert.deepEqual(await made(lab), ["before", "later"]);
    assert.deepEqual((await lab.apply()).operations, []);
  });

  it("leaves out a server that is gone for good, and says what to do about it", async () => {
    const lab = theLab();
    for (const server of ["server-2", "server-3"]) await lab.on(server, "systemctl stop k3s ssh");
    const refused = await verb(
      lab,
      "snapshot",
      "restore",
      "--from-survivor",
      "server-1",
      "--yes",
      "--without",
      "server-9",
    );
    assert.match(
      refused.err,
      /--without server-9: the stack has no server of this name\. Servers: server-1, server-2, server-3/,
    );
    const without = ["--without", "server-2", "--without", "server-3"];
    const { code, out, err } = await verb(
      lab,
      "snapshot",
      "restore",
      "--from-survivor",
      "server-1",
      "--yes",
      ...without,
    );
    assert.equal(code, 0, `${out}${err}`);
    assert.match(out, /server-2 was left out: wipe its machine/);
    assert.deepEqual(await made(lab), ["before", "later"]);
    assert.deepEqual(await voters(lab), ["server-1"]);
  });
});

/** One run of the command, as a person has it in the stack's directory. */
async function verb(
  lab: ClusterOnLab,
  ...words: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let [out, err] = ["", ""];
  const terminal = {
    cwd: join(lab.paths.stackFile, ".."),
    env: { ...process.env, PULUMI_CONFIG_PASSPHRASE_FILE: lab.paths.passphrase },
    width: 120,
    paint: plainPaint,
    out: (text: string) => (out += text),
    err: (text: string) => (err += text),
  };
  const code = await main([...words, "--stack", stackOf(lab)], terminal);
  return { code, out, err };
}

/** The same in a process of its own, which is killed when it has said something. */
async function killedAt(lab: ClusterOnLab, line: RegExp, ...words: readonly string[]): Promise<void> {
  const program = join(CHECKOUT, "bin", "groundwork.js");
  const child = spawn(process.execPath, [program, ...words, "--stack", stackOf(lab)], {
    cwd: join(lab.paths.stackFile, ".."),
    env: { ...process.env, PULUMI_CONFIG_PASSPHRASE_FILE: lab.paths.passphrase },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const hear = (bytes: Buffer): void => {
    said += bytes.toString();
    if (line.test(said)) child.kill("SIGKILL");
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  assert.equal(signal, "SIGKILL", `it ended by itself: ${said}`);
}

function stackOf(lab: ClusterOnLab): string {
  return /Pulumi\.(.+)\.yaml$/.exec(lab.paths.stackFile)?.[1] ?? "";
}

async function listed(lab: ClusterOnLab): Promise<SnapshotList["snapshots"]> {
  const { code, out, err } = await verb(lab, "snapshot", "list", "--json");
  assert.equal(code, 0, err);
  return (JSON.parse(out) as SnapshotList).snapshots;
}

async function newest(lab: ClusterOnLab, prefix: string): Promise<string> {
  return (await listed(lab)).find(({ name }) => name.startsWith(`${prefix}-`))?.name ?? "none";
}

/** An object by which the time of a snapshot shows. */
async function make(lab: ClusterOnLab, name: string): Promise<void> {
  await lab.kubectl(["create", "configmap", name, "--namespace", "default"]);
}

async function made(lab: ClusterOnLab): Promise<string[]> {
  const names = (await lab.get("configmaps", "--namespace", "default")).map(({ metadata }) => metadata.name);
  return names.filter((name) => name !== "kube-root-ca.crt").sort();
}

async function voters(lab: ClusterOnLab): Promise<string[]> {
  const nodes = await lab.get<KubernetesNode>("nodes");
  return nodes
    .filter(({ status }) =>
      ["Ready", "EtcdIsVoter"].every((wanted) =>
        status.conditions.some(({ type, status: is }) => type === wanted && is === "True"),
      ),
    )
    .map(({ metadata }) => metadata.name)
    .sort();
}

/** All servers vote and all nodes are Ready. */
async function isWell(lab: ClusterOnLab): Promise<void> {
  await eventually("all nodes are well", async () => {
    const nodes = await lab.get<KubernetesNode>("nodes");
    const ready = nodes.filter(({ status }) =>
      status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
    return ready.length === NODES.length && (await voters(lab)).length === SERVERS.length;
  });
}
