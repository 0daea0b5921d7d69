import assert from "node:assert/strict";
import { parse } from "yaml";
import { allNodes, type DesiredNode } from "../../../desired/nodes";
import { desiredNode, desiredOf, nodes } from "../../program";

function plans(changes: Record<string, unknown> = {}): Map<string, DesiredNode> {
  return new Map(allNodes(desiredOf(changes).nodes).map((node) => [node.name, node]));
}
function plan(name: string, changes: Record<string, unknown> = {}): DesiredNode {
  return desiredNode(name, changes);
}
function config(name: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const file = plan(name, changes).files.put.find(({ path }) => path === "/etc/rancher/k3s/config.yaml");
  return parse(file?.content ?? "") as Record<string, unknown>;
}
function join(name: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const file = plan(name, changes).files.put.find(({ path }) => path.endsWith("/10-join.yaml"));
  return parse(file?.content ?? "") as Record<string, unknown>;
}
/** Names of the nodes on which k3s would restart for a change. */
function restarted(changes: Record<string, unknown>, before: Record<string, unknown> = {}): string[] {
  const old = plans(before);
  return [...plans(changes)]
    .filter(([name, now]) => old.get(name)?.fingerprint !== now.fingerprint)
    .map(([name]) => name);
}

describe("what a node is to be", () => {
  it("is the defaults of k3s where the stack says nothing", () => {
    assert.deepEqual(config("s1"), {
      "tls-san": ["192.0.2.1"],
      "cluster-cidr": "10.42.0.0/16",
      "service-cidr": "10.43.0.0/16",
      "cluster-domain": "cluster.local",
      "service-node-port-range": "30000-32767",
      "flannel-backend": "vxlan",
      "secrets-encryption": true,
      "write-kubeconfig-mode": "0600",
      "node-name": "s1",
    });
    assert.deepEqual(config("a1"), { "node-name": "a1" });
  });

  it("has both families where the stack has, the primary one first in every place that takes one", () => {
    const both = {
      nodes: [
        ...[1, 2].map((at) => ({
          name: `s${at}`,
          role: "server",
          address: `192.0.2.${at}`,
          hostKey: "ssh-ed25519 AAAA",
          internalIp: [`10.0.0.${at}`, `fd00::${at}`],
          externalIp: [`198.51.100.${at}`, `2001:db8::${at}`],
        })),
      ],
      network: {
        podCidr: ["10.42.0.0/16", "fd00:42::/56"],
        serviceCidr: ["10.43.0.0/16", "fd00:43::/112"],
        ipv6Masquerade: true,
        openFirewall: true,
      },
      k3s: { environment: { HTTPS_PROXY: "http://proxy.example.org:3128" } },
    };
    const written = config("s1", both);
    assert.equal(written["cluster-cidr"], "10.42.0.0/16,fd00:42::/56");
    assert.equal(written["service-cidr"], "10.43.0.0/16,fd00:43::/112");
    assert.equal(written["node-ip"], "10.0.0.1,fd00::1");
    assert.equal(written["node-external-ip"], "198.51.100.1,2001:db8::1");
    assert.equal(written["flannel-ipv6-masq"], true);
    assert.deepEqual(written["tls-san"], ["192.0.2.1", "10.0.0.1", "fd00::1", "198.51.100.1", "2001:db8::1"]);
    assert.equal(join("s2", both)["server"], "https://10.0.0.1:6443");
    const host = plan("s2", both);
    const { facts } = host.steps.host.program;
    assert.equal(facts["internal_ip"], "10.0.0.2 fd00::2");
    assert.equal(facts["underlay"], "10.0.0.1");
    assert.equal(
      facts["open_sources"],
      "10.42.0.0/16 fd00:42::/56 10.43.0.0/16 fd00:43::/112 10.0.0.1 fd00::1 198.51.100.1 2001:db8::1",
    );
    assert.equal(host.steps.drain.program.facts["internal_ip"], "10.0.0.2");
    const text = (end: string): string => host.files.put.find(({ path }) => path.endsWith(end))?.content ?? "";
    assert.match(text("sysctl.d/90-groundwork.conf"), /^net\.ipv6\.conf\.all\.forwarding = 1$/m);
    assert.match(text("no-proxy.env"), /fd00:42::\/56.*fd00:43::\/112.*fd00::1,.*2001:db8::1/);
  });

  it("has every name of the API in the servers' certificates: those for people, for nodes, and the node's own", () => {
    const changes = {
      cluster: { apiAddress: "k3s.example.org", joinAddress: "10.0.0.10" },
      k3s: { tlsSans: ["alias.example.org"] },
    };
    assert.deepEqual(config("s1", changes)["tls-san"], [
      "k3s.example.org",
      "10.0.0.10",
      "alias.example.org",
      "192.0.2.1",
    ]);
    assert.equal(join("a1", changes)["server"], "https://10.0.0.10:6443");
  });

  it("puts flannel on the VPN interface of servers and agents, and on a node's own where it names one", () => {
    const list = nodes("server:s1", "agent:a1");
    const changes = {
      nodes: [list[0], { ...list[1], interface: "wg1", internalIp: "10.9.0.2" }],
      network: { interface: "wg0" },
    };
    assert.equal(config("s1", changes)["flannel-iface"], "wg0");
    assert.equal(config("a1", changes)["flannel-iface"], "wg1");
    assert.equal(config("a1", changes)["node-ip"], "10.9.0.2");
    const dropIn = plan("a1", changes).files.put.find(({ path }) => path.endsWith("10-interface.conf"));
    assert.match(dropIn?.content ?? "", /^ExecStartPre=\/usr\/local\/lib\/groundwork\/wait-interface wg1 120$/m);
  });

  it("takes the interface's files away again when the interface is no longer named", () => {
    const dropped = plan("a1").files.drop.map(({ path, effect }) => [path, effect]);
    assert.ok(
      dropped.some(([path, effect]) => path?.endsWith("k3s-agent.service.d/10-interface.conf") && effect === "unit"),
    );
  });

  it("gives every node the site's resolvers", () => {
    const changes = { dns: { upstream: ["10.0.0.1", "10.0.0.2"], searchDomains: ["corp.example"] } };
    for (const name of ["s1", "a1"]) {
      assert.equal(config(name, changes)["resolv-conf"], "/etc/resolv.k3s.conf");
      const file = plan(name, changes).files.put.find(({ path }) => path === "/etc/resolv.k3s.conf");
      assert.equal(file?.content, "search corp.example\nnameserver 10.0.0.1\nnameserver 10.0.0.2\n");
    }
  });

  it("starts the cluster on the first server and joins everywhere else", () => {
    const changes = { nodes: nodes("server:s1", "server:s2", "server:s3", "agent:a1") };
    assert.equal(join("s1", changes)["cluster-init"], true);
    for (const name of ["s2", "s3", "a1"]) assert.equal(join(name, changes)["server"], "https://192.0.2.1:6443");
    assert.equal(join("s2", changes)["agent-token-file"], "/etc/rancher/k3s/agent-token");
    assert.equal(join("a1", changes)["agent-token-file"], undefined);
  });

  it("writes what servers must agree on once for all servers (k3s#4579)", () => {
    const changes = { nodes: nodes("server:s1", "server:s2", "server:s3"), k3s: { disable: ["traefik", "servicelb"] } };
    const shared = ["s1", "s2", "s3"].map((name) => {
      return { ...config(name, changes), "node-name": "", "tls-san": "" };
    });
    assert.deepEqual(shared[1], shared[0]);
    assert.deepEqual(shared[2], shared[0]);
  });

  it("adds a node's own lists to its role's and lets its own values win", () => {
    const list = nodes("server:s1", "agent:a1");
    const changes = {
      nodes: [list[0], { ...list[1], k3s: { "kubelet-arg": ["max-pods=50"], debug: true } }],
      k3s: { agent: { "kubelet-arg": ["v=2"], debug: false } },
    };
    assert.deepEqual(config("a1", changes)["kubelet-arg"], ["v=2", "max-pods=50"]);
    assert.equal(config("a1", changes)["debug"], true);
  });

  it("brings the node packages of the storage that is asked for, and no others", () => {
    assert.deepEqual(plan("a1").packages, []);
    assert.deepEqual(plan("a1", { storage: { nfs: { server: "10.0.0.5", path: "/x" } } }).packages, ["nfs"]);
    assert.deepEqual(plan("a1", { storage: { longhorn: {} } }).packages, ["iscsi", "nfs"]);
  });

  it("sets the kernel as hardened k3s demands it", () => {
    const file = plan("a1", { k3s: { agent: { "protect-kernel-defaults": true } } }).files.put.find(({ path }) =>
      path.includes("sysctl"),
    );
    assert.match(file?.content ?? "", /^vm\.overcommit_memory = 1$/m);
  });
});

describe("a changed setting restarts k3s", () => {
  it("on every node for a new version", () => {
    assert.deepEqual(restarted({ k3s: { version: "v1.36.3+k3s1" } }), ["s1", "a1", "a2"]);
  });

  it("on servers alone when only they read it", () => {
    assert.deepEqual(restarted({ network: { nodePortRange: "1-65535" } }), ["s1"]);
  });

  it("on one node when only it reads it", () => {
    const [s1, a1, a2] = nodes("server:s1", "agent:a1", "agent:a2");
    assert.deepEqual(restarted({ nodes: [s1, { ...a1, k3s: { debug: true } }, a2] }), ["a1"]);
  });

  it("on none for labels, taints, other resolvers in the same file, or the way in by SSH", () => {
    const [s1, a1, a2] = nodes("server:s1", "agent:a1", "agent:a2");
    const before = { dns: { upstream: ["10.0.0.1"] } };
    assert.deepEqual(
      restarted({ ...before, nodes: [s1, { ...a1, labels: { disk: "ssd" }, taints: ["x=y:NoSchedule"] }, a2] }, before),
      [],
    );
    assert.deepEqual(restarted({ dns: { upstream: ["10.0.0.2"] } }, before), []);
    assert.deepEqual(restarted({ ssh: { port: 2222 } }), []);
  });

  it("on none when an agent is added, removed, or the first server is replaced", () => {
    const three = nodes("server:s1", "server:s2", "server:s3", "agent:a1");
    assert.deepEqual(restarted({ nodes: three.slice(0, 3) }, { nodes: three }), []);
    assert.deepEqual(restarted({ nodes: three.slice(1) }, { nodes: three }), []);
  });
});
