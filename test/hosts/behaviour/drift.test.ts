import * as assert from "node:assert/strict";
import { scriptOf } from "../../../components/k3s/script";
import { desiredCluster } from "../../../desired/cluster";
import { allNodes, type DesiredNode } from "../../../desired/nodes";
import { compareHost } from "../../../operate/drift/compareHost";
import { Secret } from "../../../config/secret";
import { driftProgram, hostStateOf } from "../../../operate/drift/host";
import { settingsOf } from "../../program";
import { NEXT_PATCH, onHost, VERSION, type Host } from "../host";
import { member } from "../member";
import { onHosts } from "./suite";

const CONFIG = "/etc/rancher/k3s/config.yaml";
const UNIT = "/etc/systemd/system/k3s-agent.service";

function nodeOf(host: Host): DesiredNode {
  const { nodes } = desiredCluster({ ...settingsOf(host.stack), stack: host.otherStack }, "groundwork");
  return allNodes(nodes).find(({ name }) => name === host.node)!;
}

/** What drift finds on a host, in the words that people read; packages and the kernel are the sandbox's machine's. */
async function found(host: Host, shell: "dash" | "bash" = "dash"): Promise<string[]> {
  const node = nodeOf(host);
  const before = host.state();
  const ran = await host.sandbox.run(scriptOf(driftProgram(node, false)), "drift", { shell });
  assert.deepEqual(host.state(), before, "drift changed the host");
  const state = hostStateOf({ code: ran.code ?? 130, stdout: ran.out, stderr: ran.err });
  return compareHost(node, state).flatMap(({ check, message, mendedBy }) =>
    check === "sysctl" ? [] : [`${message} (${mendedBy})`],
  );
}

/** The host's node gets the stamp that `drift --repair` writes. */
function repair(host: Host, drain: boolean, at = "2026-01-02T03:04:05Z"): void {
  const list = host.stack["nodes"] as Record<string, unknown>[];
  host.stack = {
    ...host.stack,
    nodes: list.map((node) => (node["name"] === host.node ? { ...node, repair: { at, drain } } : node)),
  };
}

const ONE = ["server:s1", "agent:a1"];

onHosts("drift of a host", () => {
  for (const shell of ["dash", "bash"] as const) {
    it(`is none where up made the host (${shell})`, () =>
      onHost(ONE, "a1", async (host) => {
        await member(host);
        assert.deepEqual(await found(host, shell), []);
      }));
  }

  it("is a setting that was edited, a mode, a file that is gone, and one that is not ours", () =>
    onHost(ONE, "a1", async (host) => {
      await member(host);
      const { files } = host.world;
      files.write(CONFIG, `${files.read(CONFIG)!}debug: true\n`, 0o644);
      files.remove("/etc/modules-load.d/groundwork.conf");
      files.write("/etc/rancher/k3s/config.yaml.d/99-mine.yaml", "v: 4\n");
      files.write(`${UNIT}.d/override.conf`, "[Service]\nNice=1\n");
      host.world.systemd.changedSince.add("k3s-agent");
      assert.deepEqual(await found(host), [
        `${CONFIG} was changed: 1 line more (drained up)`,
        `${CONFIG} has mode 644, expected 600 (up)`,
        "/etc/modules-load.d/groundwork.conf is missing (up)",
        "/etc/rancher/k3s/config.yaml.d/99-mine.yaml is read as well, and is not Groundwork's (hand)",
        `${UNIT}.d/override.conf is read as well, and is not Groundwork's (hand)`,
        "systemd has an older text of k3s-agent than its files (up)",
      ]);
    }));

  it("is a file with a secret that was edited, of which no line is told", () =>
    onHost(ONE, "a1", async (host) => {
      const path = "/etc/rancher/k3s/auth.yaml";
      const given = { [path]: { secretContent: Secret.of("password: CANARY\n"), mode: "600" } };
      host.stack = { ...host.stack, k3s: { ...(host.stack["k3s"] as object), files: given } };
      await member(host);
      assert.deepEqual(await found(host), []);
      host.world.files.write(path, "password: OTHER-CANARY\n", 0o640);
      const node = nodeOf(host);
      const { out } = await host.sandbox.run(scriptOf(driftProgram(node, true)), "drift");
      assert.doesNotMatch(out, /CANARY/);
      assert.deepEqual(await found(host), [
        `${path} was changed: its content is another one (drained up)`,
        `${path} has mode 640, expected 600 (up)`,
      ]);
    }));

  it("is a service that is stopped, and that does not start at boot", () =>
    onHost(ONE, "a1", async (host) => {
      await member(host);
      host.world.systemd.stop("k3s-agent");
      host.world.systemd.unit("k3s-agent").enabled = false;
      assert.deepEqual(await found(host), [
        "k3s-agent is inactive (up)",
        "k3s-agent is disabled: it does not start at boot (up)",
      ]);
    }));

  it("is another k3s than the stack's, and a mark of another stack", () =>
    onHost(ONE, "a1", async (host) => {
      await member(host);
      host.stack = { ...host.stack, k3s: { version: NEXT_PATCH } };
      host.otherStack = "other";
      assert.deepEqual(await found(host), [
        "the host's mark is groundwork/test/a1, expected groundwork/other/a1 (hand)",
        `k3s ${VERSION} is installed, expected ${NEXT_PATCH} (drained up)`,
      ]);
    }));

  it("is none where a node joined through another server than the first", () =>
    onHost(["server:s1", "server:s2", "server:s3", "agent:a1"], "a1", async (host) => {
      host.surround();
      host.down("s1", "192.0.2.1");
      await host.must("token", "converge");
      assert.deepEqual(await found(host), []);
    }));

  it("is none where a rebuilt first server joined one that lived", () =>
    onHost(["server:s1", "server:s2", "server:s3"], "s1", async (host) => {
      host.surround();
      await host.must("token", "converge");
      assert.match(host.world.files.read("/etc/rancher/k3s/config.yaml.d/10-join.yaml")!, /^server: /m);
      assert.deepEqual(await found(host), []);
    }));

  it("is mended by the next run of the stamped scripts, and by no other", () =>
    onHost(ONE, "a1", async (host) => {
      await member(host);
      const { files, systemd } = host.world;
      const before = files.read(CONFIG)!;
      files.write(CONFIG, `${before}debug: true\n`, 0o644);
      systemd.stop("k3s-agent");
      systemd.unit("k3s-agent").enabled = false;
      repair(host, true);
      const { out } = await host.must("token", "converge");
      assert.match(out, /^changed: config; restarted k3s$/m);
      assert.equal(files.read(CONFIG), before);
      assert.deepEqual(await found(host), []);
      assert.match((await host.must("token", "converge")).out, /^unchanged$/m);
    }));

  it("drains a node for one stamp once, and without the word drain not at all", () =>
    onHost(["server:s1", "agent:a1", "agent:a2"], "s1", async (host) => {
      await member(host);
      await host.must("ready");
      host.node = "a1";
      await host.must("ready");
      repair(host, false);
      assert.match((await host.must("drain")).out, /k3s on a1 will not restart: not drained/);
      repair(host, true);
      assert.match((await host.must("drain")).out, /drained a1/);
      await host.must("ready");
      assert.equal(host.world.cluster.node("a1")!.metadata.annotations["groundwork/repaired"], "2026-01-02T03:04:05Z");
      assert.equal(host.world.cluster.node("a1")!.spec.unschedulable, undefined);
      assert.match((await host.must("drain")).out, /k3s on a1 will not restart: not drained/);
      repair(host, true, "2026-02-02T03:04:05Z");
      assert.match((await host.must("drain")).out, /drained a1/);
    }));
});
