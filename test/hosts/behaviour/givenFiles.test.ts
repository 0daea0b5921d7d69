import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { Secret } from "../../../config/secret";
import { unitOf } from "../fake/unitFile";
import { onHost, VERSION, type Host } from "../host";
import { member } from "../member";
import { officialK3s, adopting } from "../officialK3s";
import { change, withRegistry } from "../preparations";
import { onHosts } from "./suite";

const REGISTRIES = "/etc/rancher/k3s/registries.yaml";
const LIST = "/var/lib/groundwork/given-files";
const STATE = "/var/lib/groundwork";

/** Every file of a host with a text in it. */
function filesWith(host: Host, text: string): string[] {
  return [...host.world.files.tree("/etc", "/var/lib", "/run", "/tmp", "/usr/local")]
    .filter(([, content]) => content.includes(text))
    .map(([path]) => path.replace(/good\.\w{6}/, "good.copy"))
    .sort();
}

onHosts("files that the settings give", () => {
  for (const node of ["s1", "a1"]) {
    it(`of which the content is a secret are for root only, on ${node}, and k3s restarts for them`, () =>
      onHost(["server:s1", "agent:a1"], node, async (host) => {
        await member(host);
        change(host, withRegistry("hunter2"));
        assert.doesNotMatch(host.script("converge"), /hunter2|puller/);
        const ran = await host.must("token");
        assert.ok(!host.world.files.exists(REGISTRIES), "it is put in its place before the drain");
        const { out } = await host.must("converge");
        assert.match(out, /^changed: registries; restarted k3s$/m);
        assert.equal(
          host.world.files.read(REGISTRIES),
          "configs:\n  registry.example.org:\n    auth:\n      username: puller\n      password: hunter2\n",
        );
        assert.deepEqual(filesWith(host, "hunter2"), [
          REGISTRIES,
          `${STATE}/good.copy${REGISTRIES}`,
          `${STATE}/secrets${REGISTRIES}`,
        ]);
        for (const path of filesWith(host, "hunter2")) {
          const real = path.replace(
            "good.copy",
            host.world.files.list(STATE).find((name) => name.startsWith("good."))!,
          );
          assert.equal(host.sandbox.command(`stat -c %a ${real}`).trim(), "600");
        }
        assert.doesNotMatch(ran.out + ran.err + out, /hunter2|puller/);
        const again = await host.must("token", "converge");
        assert.match(again.out, /^unchanged$/m);
      }));
  }

  it("restart k3s when only a password changes, and not otherwise", () =>
    onHost(["server:s1"], "s1", async (host) => {
      host.surround();
      change(host, withRegistry("first"));
      await host.must("token", "converge");
      change(host, withRegistry("second"));
      const { out } = await host.must("token", "converge");
      assert.match(out, /^changed: registries; restarted k3s$/m);
      assert.deepEqual(filesWith(host, "first"), []);
    }));

  it("are taken away when the settings do not name them any more, on a host whose k3s then restarts", () =>
    onHost(["server:s1"], "s1", async (host) => {
      host.surround();
      change(host, withRegistry("hunter2"));
      await host.must("token", "converge");
      change(host, { k3s: { version: VERSION } });
      const { out } = await host.must("token", "converge");
      assert.match(out, /^removed \/etc\/rancher\/k3s\/registries.yaml$/m);
      assert.match(out, /restarted k3s/);
      assert.deepEqual(filesWith(host, "hunter2"), []);
      assert.ok(!host.world.files.exists(LIST));
    }));

  it("complete kubectl's words on a server as its own kubectl says, and go with the setting and with k3s", () =>
    onHost(["server:s1"], "s1", async (host) => {
      const path = "/usr/local/share/bash-completion/completions/kubectl";
      const { files } = host.world;
      host.surround();
      await host.must("token", "converge");
      change(host, { k3s: { version: VERSION, kubectlCompletion: true } });
      const { out } = await host.must("token", "converge");
      assert.match(out, /^changed: completion$/m);
      const kubectl = `kubectl() { [ "$*" != "completion bash" ] || echo "complete -F __start_kubectl kubectl"; }`;
      const bash = spawnSync("bash", ["-c", `${kubectl}\n${files.read(path) ?? ""}\ncomplete -p kubectl`], {
        encoding: "utf8",
      });
      assert.equal(bash.stdout, "complete -F __start_kubectl kubectl\n", bash.stderr);
      change(host, { k3s: { version: VERSION } });
      await host.must("token", "converge");
      assert.ok(!files.exists(path) && !files.exists("/usr/local/share/bash-completion"));
      change(host, { k3s: { version: VERSION, kubectlCompletion: true } });
      await host.must("token", "converge", "uninstall");
      assert.ok(!files.exists(path) && !files.exists("/usr/local/share/bash-completion"));
      files.write(path, "somebody's own");
      const refused = await host.runAll("token", "converge");
      assert.match(
        refused.err,
        /^error: s1: .*completions\/kubectl is there already, and Groundwork did not write it/m,
      );
      assert.equal(files.read(path), "somebody's own");
    }));

  it("go with k3s, all of them", () =>
    onHost(["server:s1", "agent:a1"], "a1", async (host) => {
      host.surround();
      change(host, withRegistry("hunter2"));
      await host.must("token", "converge", "uninstall");
      assert.deepEqual(filesWith(host, "hunter2"), []);
      assert.deepEqual(filesWith(host, "registries"), []);
      assert.ok(!host.world.files.exists(STATE));
    }));

  it("never replace one of the host's own, and nothing is changed: the way out is named", () =>
    onHost(["server:s1"], "s1", async (host) => {
      await member(host);
      host.world.files.write(REGISTRIES, "mirrors: {}\n");
      change(host, withRegistry("hunter2"));
      await host.must("token");
      const before = host.world.files.tree("/etc", "/usr/local");
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(
        err,
        /^error: s1: \/etc\/rancher\/k3s\/registries.yaml is there already, and Groundwork did not write it; take over into the settings what is needed of it, and move it away: mv \S+registries.yaml \S+registries.yaml.before$/m,
      );
      assert.deepEqual(host.world.files.tree("/etc", "/usr/local"), before);
      host.world.files.move(REGISTRIES, `${REGISTRIES}.before`);
      await host.must("converge");
      await host.must("uninstall");
      assert.equal(host.world.files.read(`${REGISTRIES}.before`), "mirrors: {}\n");
    }));

  it("leave a hand-made one alone where the settings give none, at the end too", () =>
    onHost(["server:s1"], "s1", async (host) => {
      host.world.files.write(REGISTRIES, "mirrors: {}\n");
      await member(host, ["token", "converge", "uninstall"]);
      assert.equal(host.world.files.read(REGISTRIES), "mirrors: {}\n");
    }));

  it("come back as they were when k3s does not start with them", () =>
    onHost(["server:s1"], "s1", async (host) => {
      host.surround();
      change(host, withRegistry("good"));
      await host.must("token", "converge");
      host.world.k3s.temper.refuses = () =>
        (host.world.files.read(REGISTRIES) ?? "").includes("bad") ? "failed to parse registries" : undefined;
      change(host, withRegistry("bad"));
      await host.must("token");
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(err, /what ran before runs again/);
      assert.match(host.world.files.read(REGISTRIES) ?? "", /password: good/);
      change(host, { k3s: { version: VERSION } });
      host.world.k3s.temper.refuses = () =>
        host.world.files.exists(REGISTRIES) ? undefined : "cannot do without registries";
      await host.must("token");
      assert.equal((await host.run("converge")).code, 1);
      assert.match(host.world.files.read(REGISTRIES) ?? "", /password: good/, "it was taken away for nothing");
      host.world.k3s.temper.refuses = () => undefined;
      await host.must("token", "converge");
      assert.ok(!host.world.files.exists(REGISTRIES));
    }));

  it("are not put in place when the step that brings them did not run for these settings", () =>
    onHost(["server:s1"], "s1", async (host) => {
      await member(host);
      change(host, withRegistry("first"));
      const missing = await host.run("converge");
      assert.match(missing.err, /s1-token has not brought the content of \S+registries.yaml; run up without --target/);
      await host.must("token", "converge");
      change(host, withRegistry("second"));
      const stale = await host.run("converge");
      assert.match(stale.err, /what s1-token brought for \S+registries.yaml is not what the settings say now/);
      assert.match(host.world.files.read(REGISTRIES) ?? "", /password: first/);
    }));

  it("take the place of those of a k3s that is taken over, which are kept", () =>
    onHost(["server:s1"], "s1", async (host) => {
      officialK3s(host);
      adopting(host, withRegistry("hunter2"));
      host.world.files.write(REGISTRIES, "mirrors: {}\n", 0o600);
      const { out } = await host.must("token", "converge");
      assert.doesNotMatch(out, /registries.yaml stays as it is/);
      assert.match(host.world.files.read(REGISTRIES) ?? "", /hunter2/);
      const kept = host.world.files.list(STATE).find((name) => name.startsWith("adopted-"))!;
      assert.equal(host.world.files.read(`${STATE}/${kept}/files${REGISTRIES}`), "mirrors: {}\n");
    }));

  it("are manifests on a server, there before its first start, and what they made stays when one goes", () =>
    onHost(["server:s1"], "s1", async (host) => {
      const path = "/var/lib/rancher/k3s/server/manifests/own-cni.yaml";
      const text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
      change(host, { k3s: { version: VERSION, manifests: { "own-cni": text } } });
      let atStart: string | undefined;
      host.world.k3s.temper.refuses = () => {
        atStart ??= host.world.files.read(path) ?? "";
        return undefined;
      };
      await host.must("token", "converge");
      assert.equal(atStart, text);
      assert.equal(host.sandbox.command("stat -c %a /var/lib/rancher/k3s/server").trim(), "700");
      change(host, { k3s: { version: VERSION } });
      const { out } = await host.must("token", "converge");
      assert.match(out, /^what own-cni.yaml made stays in the cluster: .+\nremoved \S+own-cni.yaml$/m);
      assert.doesNotMatch(out, /restarted k3s/);
      assert.ok(!host.world.files.exists(path));
    }));

  it("go with the directories that were made for them, and never with one that was there", () =>
    onHost(["server:s1"], "s1", async (host) => {
      host.world.files.write("/etc/kubernetes/own", "the host's\n");
      const file = { content: "a: 1\n", mode: "644" };
      const files = { "/etc/new/deep/a.yaml": file, "/etc/kubernetes/b.yaml": file };
      change(host, { k3s: { version: VERSION, files } });
      await host.must("token", "converge");
      assert.equal(host.sandbox.command("stat -c %a /etc/new/deep/a.yaml").trim(), "644");
      change(host, { k3s: { version: VERSION, files: { "/etc/new/b.yaml": file } } });
      await host.must("token", "converge");
      assert.deepEqual(host.world.files.list("/etc/new"), ["b.yaml"]);
      assert.deepEqual(host.world.files.list("/etc/kubernetes"), ["own"]);
      await host.must("uninstall");
      assert.ok(!host.world.files.exists("/etc/new"));
      assert.equal(host.world.files.read("/etc/kubernetes/own"), "the host's\n");
    }));

  it("are a proxy's variables, through which k3s comes too, with its password in no argument", () =>
    onHost(["server:s1"], "s1", async (host) => {
      const secretEnvironment = { HTTPS_PROXY: Secret.of('http://u:p"w@proxy.example.org:3128') };
      const environment = { NO_PROXY: "10.0.0.0/8 .corp.example" };
      change(host, { k3s: { version: VERSION, environment, secretEnvironment } });
      await host.must("token");
      const { out, err, calls } = await host.run("converge", { record: true });
      assert.match(out, /^changed: .*environment.*; restarted k3s$/m);
      assert.equal(err, "");
      assert.deepEqual(
        calls.filter((call) => call.includes('p"w')),
        [],
      );
      assert.deepEqual(
        [...new Set(host.world.proxied)],
        ['proxy = "http://u:p\\"w@proxy.example.org:3128"\nnoproxy = "10.0.0.0/8,.corp.example"\n'],
      );
      const { environmentFiles } = unitOf(host.world.files, "k3s");
      assert.equal(environmentFiles.at(-1), "/etc/rancher/k3s/no-proxy.env");
      assert.equal(host.sandbox.command("stat -c %a /etc/systemd/system/k3s.env").trim(), "600");
      await host.must("uninstall");
      assert.deepEqual(filesWith(host, "proxy.example.org"), []);
      assert.ok(!host.world.files.exists("/etc/systemd/system/k3s.service.d"));
    }));
});
