import * as assert from "node:assert/strict";
import { onHost, type Host } from "../host";
import { change } from "../preparations";
import { onHosts } from "./suite";

const RULES = "/etc/rules-of-the-firewall";

/** What firewall-cmd(1) does of what is asked here: rules of the running firewall and permanent ones, by zone. */
const FIREWALL_CMD = `#!/bin/sh
where=running zone=public
for word; do
  case $word in
    --permanent) where=permanent ;;
    --zone=*) zone=\${word#--zone=} ;;
    --query-*) grep -qxF "$where $zone \${word#--query-}" ${RULES}; exit ;;
    --add-*) echo "$where $zone \${word#--add-}" >>${RULES}; exit ;;
    --remove-*) grep -vxF "$where $zone \${word#--remove-}" ${RULES} >${RULES}.new; cat ${RULES}.new >${RULES}; rm ${RULES}.new; exit 0 ;;
  esac
done
exit 2
`;

/** The same of ufw(8). */
const UFW = `#!/bin/sh
[ "$1" != --force ] || shift
case "$1 $2" in
  'show added') sed 's/^/ufw /' ${RULES} ;;
  allow\\ *) echo "$*" >>${RULES}; echo 'Rule added' ;;
  delete\\ *) shift; grep -vxF "$*" ${RULES} >${RULES}.new; cat ${RULES}.new >${RULES}; rm ${RULES}.new ;;
  *) exit 2 ;;
esac
`;

function firewalld(host: Host): void {
  host.world.files.write("/usr/local/bin/firewall-cmd", FIREWALL_CMD, 0o755);
  host.world.files.write(RULES, "running public port=22/tcp\npermanent public port=22/tcp\n");
  host.world.systemd.unit("firewalld").state = "active";
}

function ufw(host: Host): void {
  host.world.files.write("/usr/local/bin/ufw", UFW, 0o755);
  host.world.files.write("/etc/ufw/ufw.conf", "ENABLED=yes\n");
  host.world.files.write(RULES, "allow 22/tcp\n");
}

const rules = (host: Host): string[] => host.world.files.read(RULES)!.trim().split("\n");
const OPEN = { network: { verifyOverlay: false, openFirewall: true } };
const SHUT = { network: { verifyOverlay: false } };

onHosts("a host's own firewall", () => {
  it("is told of with what k3s needs and the commands, and not changed", () =>
    onHost(["server:s1", "agent:a1"], "s1", async (host) => {
      firewalld(host);
      const before = rules(host);
      await host.must("token");
      const { err } = await host.must("converge");
      assert.match(
        err,
        /^warning: s1: firewalld is active here, and k3s needs more than it lets in: 10\.42\.0\.0\/16, 10\.43\.0\.0\/16, 6443\/tcp, and between the nodes TCP 2379-2380 \(servers\) and 10250, UDP 8472; set network\.openFirewall: true, or run .+: firewall-cmd --permanent --zone=trusted --add-source=10\.42\.0\.0\/16 && /m,
      );
      assert.deepEqual(rules(host), before);
    }));

  it("is not told of where somebody let it in", () =>
    onHost(["server:s1"], "s1", async (host) => {
      ufw(host);
      host.world.files.write(RULES, "allow 6443/tcp\nallow from 10.42.0.0/16\nallow from 10.43.0.0/16\n");
      await host.must("token");
      assert.equal((await host.must("converge")).err, "");
    }));

  for (const [tool, install, wanted] of [
    [
      "firewalld",
      firewalld,
      [
        "trusted source=10.42.0.0/16",
        "trusted source=10.43.0.0/16",
        "trusted source=192.0.2.2",
        "public port=6443/tcp",
      ].flatMap((rule) => [`permanent ${rule}`, `running ${rule}`]),
    ],
    ["ufw", ufw, ["allow from 10.42.0.0/16", "allow from 10.43.0.0/16", "allow from 192.0.2.2", "allow 6443/tcp"]],
  ] as const) {
    it(`lets in what k3s needs where the settings say so, and is as it was without k3s: ${tool}`, () =>
      onHost(["server:s1", "agent:a1"], "s1", async (host) => {
        install(host);
        const before = rules(host);
        change(host, OPEN);
        host.surround();
        await host.must("token", "converge");
        assert.deepEqual(rules(host), [...before, ...wanted]);
        assert.match((await host.must("converge")).out, /^unchanged$/m);
        // A node that is gone is let in no more.
        change(host, { nodes: (host.stack["nodes"] as object[]).slice(0, 1) });
        const { out } = await host.must("converge");
        assert.match(out, new RegExp(`^${tool} lets 192.0.2.2 in no more$`, "m"));
        assert.deepEqual(rules(host), [...before, ...wanted.filter((rule) => !rule.includes("192.0.2.2"))]);
        await host.must("uninstall");
        assert.deepEqual(rules(host), before);
        assert.ok(!host.world.files.exists("/var/lib/groundwork"));
      }));
  }

  it("keeps the rules that somebody else made, when the setting is taken back too", () =>
    onHost(["server:s1"], "s1", async (host) => {
      ufw(host);
      host.world.files.write(RULES, "allow 6443/tcp\n");
      change(host, OPEN);
      host.surround();
      await host.must("token", "converge");
      change(host, SHUT);
      await host.must("converge");
      assert.deepEqual(rules(host), ["allow 6443/tcp"]);
    }));
});

onHosts("SELinux", () => {
  it("is a problem without k3s's policy, where it is enforcing or the settings ask for it", () =>
    onHost(["server:s1"], "s1", async (host) => {
      await host.must("token");
      change(host, { k3s: { ...(host.stack["k3s"] as object), server: { selinux: true } } });
      assert.match(
        (await host.run("converge")).err,
        /^error: s1: k3s is to work with SELinux \(selinux: true\), and its policy is not installed; install the packages container-selinux and k3s-selinux/m,
      );
      host.world.files.write("/sys/fs/selinux/enforce", "1");
      assert.match(
        (await host.run("converge")).err,
        /^error: s1: SELinux is enforcing here, and k3s's policy is not installed/m,
      );
      host.world.files.write("/usr/share/selinux/packages/k3s.pp", "policy");
      await host.must("converge");
    }));
});
