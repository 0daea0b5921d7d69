import * as assert from "node:assert/strict";
import { authoritiesBefore, made, servedToAgent, stored, withAuthorities } from "../authorities";
import { certificatesIn, pinOf } from "../fake/bundle";
import { setCondition } from "../fake/cluster";
import { onHost, VERSION, type Host } from "../host";
import { firstAuthorities } from "../newAuthorities";
import { onHosts } from "./suite";

const THREE = ["server:s1", "server:s2", "server:s3"];
const ONE = ["server:s1", "agent:a1"];
const DIRECTORY = "/var/lib/groundwork/rotate-ca";
const TOKEN = "/etc/rancher/k3s/token";
const TLS = "/var/lib/rancher/k3s/server/tls";

const read = (host: Host, path: string): string => host.world.files.read(path) ?? "";
const lives = (host: Host): number => host.world.systemd.lives;
/** The authorities that the host's mark knows. */
const known = (host: Host): string => /^cluster=(.*)$/m.exec(read(host, "/var/lib/groundwork/owner"))![1]!;

onHosts("the certificate authorities", () => {
  it("are looked at, and nothing is changed", () =>
    onHost(THREE, "s1", async (host) => {
      await withAuthorities(host);
      const before = host.state();
      const { out } = await host.must("look_at_ca");
      assert.deepEqual(out.trim().split("\n"), [
        `authority=${host.world.cluster.caHash}`,
        "version=v1.35.6+k3s1",
        "active=yes",
        "openssl=yes",
        "begun=no",
        "strangers=",
        "nodes=s2|True|True s3|True|True s1|True|True",
      ]);
      assert.deepEqual(host.state(), before);
    }));

  it("are made below new roots that the old ones sign, for root only, after a snapshot, and k3s takes them", () =>
    onHost(THREE, "s1", async (host) => {
      await withAuthorities(host);
      assert.match(
        (await host.must("make_ca")).out,
        /^saved \/var\/lib\/groundwork\/snapshots\/rotate-ca-\d+-s1-\d+$/m,
      );
      await made(host); // which is the same: they were made
      const modes = [...host.world.files.tree(DIRECTORY)].map(([, text]) => text.split("\n")[0]!);
      assert.deepEqual([...new Set(modes)].sort(), ["directory 700", "file 600"]);
      const names = certificatesIn(read(host, `${DIRECTORY}/tls/etcd/peer-ca.crt`)).map(({ subject, issuer }) =>
        `${subject} by ${issuer}`.replace(/@\d+/g, ""),
      );
      assert.deepEqual(names, [
        "CN=k3s-etcd-peer-ca by CN=k3s-etcd-peer-root",
        "CN=k3s-etcd-peer-root by CN=k3s-etcd-peer-root",
        "CN=k3s-etcd-peer-root by CN=etcd-peer-ca",
        "CN=etcd-peer-ca by CN=etcd-peer-ca",
      ]);
      assert.equal(pinOf(read(host, `${DIRECTORY}/tls/server-ca.crt`)), host.made!.pin);
      const before = lives(host);
      await host.must("expect_ca", "store_ca");
      assert.equal(lives(host), before, "k3s has not restarted");
      assert.equal(host.world.cluster.caHash, host.made!.next);
      assert.equal(read(host, `${TLS}/server-ca.crt`), authoritiesBefore().get("server-ca.crt"));
    }));

  it("are taken up with one restart, and the mark and the pinned tokens with them", () =>
    onHost(THREE, "s2", async (host) => {
      await withAuthorities(host);
      const old = host.world.cluster.caHash;
      await stored(host);
      const { next, pin } = host.made!;
      const before = lives(host);
      assert.match((await host.must("take_up_ca")).out, /^restarting k3s on s2$/m);
      assert.equal(lives(host), before + 1);
      assert.equal(known(host), `${old}:${old} ${next}:${pin}`);
      assert.equal(read(host, TOKEN), `K10${pin}::server:server-secret\n`);
      assert.equal(host.world.cluster.node("s2")!.metadata.annotations["groundwork/down"], undefined);
      await host.must("take_up_ca");
      assert.equal(lives(host), before + 1, "once is enough");
      await host.must("finish_ca");
      assert.equal(host.world.files.exists(DIRECTORY), false);
      // What the stack gives after that is pinned to the authority of before, until it reads the new one.
      const now = host.world.cluster.authorities;
      host.world.cluster.authorities = authoritiesBefore();
      const script = host.script("token");
      host.world.cluster.authorities = now;
      assert.equal((await host.sandbox.run(script, "token")).code, 0);
      assert.equal(read(host, TOKEN), `K10${pin}::server:server-secret\n`);
      await host.must("converge");
      assert.equal(known(host), `${old}:${old} ${next}:${pin}`);
    }));

  it("can be rotated again", () =>
    onHost(THREE, "s1", async (host) => {
      for (const round of [1, 2]) {
        await (round === 1 ? withAuthorities(host) : Promise.resolve());
        const { out } = await host.must("make_ca");
        const [next, pin] = ["next", "pin"].map((name) => new RegExp(`^${name}=(\\w+)$`, "m").exec(out)![1]!);
        host.made = { next: next!, pin: pin! };
        await host.must("expect_ca", "store_ca", "take_up_ca", "finish_ca");
        assert.equal(host.world.cluster.caHash, next, `round ${round}`);
        assert.match((await host.must("look_at_ca")).out, /^strangers=$/m);
        host.world.clock.advance(60);
      }
      const service = read(host, `${TLS}/service.key`);
      assert.equal(service.split("-----BEGIN RSA PRIVATE KEY-----").length - 1, 3);
      assert.ok(service.endsWith(authoritiesBefore().get("service.key")!));
    }));

  it("reach an agent with a token that is pinned to them", async () => {
    const { authorities, given } = await onHost(ONE, "s1", async (host) => {
      await stored(host);
      return { authorities: host.world.cluster.authorities!, given: host.made! };
    });
    await onHost(ONE, "a1", async (host) => {
      await withAuthorities(host);
      const old = host.world.cluster.caHash;
      host.made = given;
      assert.match((await host.must("look_at_ca")).out, /^authority=\w{64}\nversion=v1.35.6\+k3s1\nactive=yes\n$/);
      await host.must("expect_ca");
      host.world.cluster.authorities = authorities;
      const before = lives(host);
      await host.must("take_up_ca");
      assert.equal(lives(host), before + 1);
      assert.equal(read(host, TOKEN), `K10${given.pin}::node:agent-secret\n`);
      assert.equal(known(host), `${old}:${old} ${given.next}:${given.pin}`);
      await host.must("take_up_ca");
      assert.equal(lives(host), before + 1, "once is enough");
    });
  });

  it("are what a new server asks by, before it takes a name that a member has", async () => {
    const authorities = await onHost(THREE, "s1", async (host) => {
      await stored(host);
      return host.world.cluster.authorities!;
    });
    await onHost(THREE, "s2", async (host) => {
      host.world.cluster.authorities = authorities;
      host.surround();
      host.world.cluster.register({ name: "s2", role: "server", address: "192.0.2.99", version: VERSION });
      await host.must("token");
      assert.match(
        (await host.run("converge")).err,
        /^error: s2: the cluster has a server s2 already, a member of etcd/m,
      );
    });
  });

  it("are those of before again on an agent, after a snapshot of before was restored", () =>
    onHost(ONE, "a1", async (host) => {
      await servedToAgent(host);
      await host.must("take_up_ca");
      host.world.cluster.authorities = authoritiesBefore();
      assert.match((await host.must("restart_agent")).out, /^the certificate authorities are those of the snapshot: /m);
      assert.equal(read(host, TOKEN), `${host.world.cluster.pinned("node", "agent-secret")}\n`);
    }));

  it("are an agent's when its kubelet has said a word after that", () =>
    onHost(ONE, "s1", async (host) => {
      await withAuthorities(host);
      const lease = {
        kind: "lease",
        metadata: { name: "a1", namespace: "kube-node-lease", labels: {}, annotations: {} },
        spec: { renewTime: "before" },
      };
      host.world.cluster.put(lease);
      host.onSleep = () => (lease.spec.renewTime = "after");
      assert.match((await host.must("await_agent")).out, /^a1 is Ready$/m);
      host.onSleep = () => undefined;
      assert.match((await host.run("await_agent")).err, /a1: not Ready with the new authorities after \d+ s/);
    }));

  it("stay where a server is not well, openssl is not there, or somebody else made them", () =>
    onHost(THREE, "s1", async (host) => {
      await withAuthorities(host, firstAuthorities(" of Example Ltd"));
      assert.match(
        (await host.must("look_at_ca")).out,
        /^strangers=client server request-header etcd\/server etcd\/peer$/m,
      );
      assert.match((await host.run("make_ca")).err, /not k3s's own: client server .*; nothing was changed/);
      const s2 = host.world.cluster.node("s2")!;
      setCondition(s2, { type: "Ready", status: "Unknown" });
      assert.match((await host.run("make_ca")).err, /not Ready voters of etcd: s2; nothing was changed/);
      setCondition(s2, { type: "Ready", status: "True" });
      host.sandbox.hide("openssl");
      assert.match((await host.run("make_ca")).err, /openssl is not here.*Install the package openssl/);
      assert.equal(host.world.files.exists(DIRECTORY), false);
    }));

  it("stay where k3s refuses them, with k3s's own reason", () =>
    onHost(THREE, "s1", async (host) => {
      await made(host);
      const path = `${DIRECTORY}/tls/client-ca.crt`;
      const end = "-----END CERTIFICATE-----\n";
      const [own = ""] = read(host, path).split(end);
      host.world.files.write(path, `${own}${end}${firstAuthorities().get("client-ca.crt")!}`);
      assert.match(
        (await host.run("store_ca")).err,
        /k3s does not take the new authorities: failed to validate .*clientCA: new CA cert cannot be verified using old CA chain.*nothing was changed/,
      );
      assert.equal(host.world.files.exists(DIRECTORY), false);
      assert.equal(host.world.cluster.authorities, authoritiesBefore());
      await made(host);
      host.world.k3s.temper.knowsNoRotation = true;
      assert.match((await host.run("store_ca")).err, /No help topic for 'rotate-ca'/);
    }));

  it("go on where k3s did not say that it had stored them", () =>
    onHost(THREE, "s1", async (host) => {
      await made(host);
      const before = host.made;
      await host.must("expect_ca");
      host.world.k3s.temper.answersLate = true;
      assert.match((await host.run("store_ca")).err, /does not say that it has stored .*request timed out/);
      host.world.k3s.temper.answersLate = false;
      assert.match((await host.must("look_at_ca")).out, /^begun=yes$/m);
      assert.match((await host.must("make_ca")).out, new RegExp(`^next=${before!.next}\npin=${before!.pin}$`, "m"));
      await host.must("store_ca", "take_up_ca");
      assert.match((await host.must("store_ca")).out, /^k3s has stored them already$/m);
    }));

  it("do not cost etcd its quorum", () =>
    onHost(THREE, "s1", async (host) => {
      await stored(host);
      setCondition(host.world.cluster.node("s3")!, { type: "Ready", status: "Unknown" });
      const before = lives(host);
      assert.match((await host.run("take_up_ca")).err, /would cost etcd its quorum/);
      assert.equal(lives(host), before);
    }));

  for (const how of ["kill", "fail", "full"] as const) {
    it(`are whole or not at all, where making them is disturbed (${how})`, async () => {
      for (const at of [40, 90, 140, 190, 204]) {
        await onHost(THREE, "s1", async (host) => {
          await withAuthorities(host);
          await host.run("make_ca", { fault: { at, how } });
          host.sandbox.mend();
          const { out } = await host.must("make_ca");
          const [next, pin] = ["next", "pin"].map((name) => new RegExp(`^${name}=(\\w+)$`, "m").exec(out)![1]!);
          host.made = { next: next!, pin: pin! };
          await host.must("expect_ca", "store_ca", "take_up_ca");
          assert.equal(host.world.cluster.caHash, next, `${how} at ${String(at)}`);
        });
      }
    });
  }
});
