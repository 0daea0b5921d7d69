import assert from "node:assert/strict";
import { parse } from "yaml";
import type { DesiredNode } from "../../desired/nodes";
import { riskyChanges } from "../../plan/compare/riskyChanges";
import { desiredNode, desiredOf, nodes } from "../program";
import { edited, planOf, stackText } from "../plan/stacks";

const list: Record<string, unknown>[] = nodes("server:s1", "server:s2", "server:s3", "agent:a1").map((node, at) => ({
  ...node,
  internalIp: `10.0.0.${at + 1}`,
}));
const of = (name: string, cluster: object = {}, more: object = {}): DesiredNode =>
  desiredNode(name, { nodes: list, cluster, ...more });
const file = (node: DesiredNode, path: string): string | undefined =>
  node.files.put.find((one) => one.path === path)?.content;
const config = (node: DesiredNode): Record<string, unknown> =>
  parse(file(node, "/etc/rancher/k3s/config.yaml") ?? "") as Record<string, unknown>;
const OWN = ["10.0.0.1:6443", "10.0.0.2:6443", "10.0.0.3:6443"];

describe("the way to the API", () => {
  it("of people is the first server's, its own name, or the virtual IP", () => {
    const url = (cluster: object): string => desiredOf({ nodes: list, cluster }).apiUrl;
    const virtualIp = { address: "10.0.0.100", interface: "eth0" };
    assert.equal(url({}), "https://192.0.2.1:6443");
    assert.equal(url({ apiPort: 7443 }), "https://192.0.2.1:7443");
    assert.equal(url({ virtualIp }), "https://10.0.0.100:6443");
    assert.equal(url({ virtualIp, apiAddress: "k3s.example.org" }), "https://k3s.example.org:6443");
    assert.equal(url({ apiAddress: "k3s.example.org:443", apiPort: 7443 }), "https://k3s.example.org:443");
    assert.equal(url({ apiAddress: "[fd00::9]:443" }), "https://[fd00::9]:443");
  });

  it("of nodes that join is the address for all first, then every server but themselves", () => {
    assert.deepEqual(of("a1").join, OWN);
    assert.deepEqual(of("s3").join, OWN.slice(0, 2));
    assert.deepEqual(of("s1").join, []);
    assert.deepEqual(of("s1").peers, OWN.slice(1));
    assert.deepEqual(of("a1", { apiAddress: "k3s.example.org:443" }).join, ["k3s.example.org:443", ...OWN]);
    const cluster = { apiAddress: "k3s.example.org", joinAddress: "fd00::10" };
    assert.deepEqual(of("a1", cluster).join, ["[fd00::10]:6443", ...OWN]);
    assert.deepEqual(of("a1", { joinAddress: "10.0.0.2" }).join, [OWN[1], OWN[0], OWN[2]]);
    assert.deepEqual(of("a1", { apiPort: 7443 }).join[0], "10.0.0.1:7443");
  });

  it("restarts no living node when a server is added", () => {
    const before = { nodes: list.filter((node) => node["name"] !== "s3") };
    for (const name of ["s1", "s2", "a1"]) {
      assert.equal(desiredNode(name, before).fingerprint, of(name).fingerprint, name);
    }
  });

  it("of an agent's operator is any server, and another machine where the settings name one", () => {
    const agent = (rollout: object): unknown[] => {
      const { steps, otherServers } = of("a1", {}, { rollout });
      return [steps.drain.on.name, steps.ready.on.name, steps.host.on.name, otherServers];
    };
    assert.deepEqual(agent({}), ["s1", "s1", "a1", OWN.slice(1)]);
    assert.deepEqual(agent({ operator: "s2" }), ["s2", "s2", "a1", [OWN[0], OWN[2]]]);
    const server = of("s3", {}, { rollout: { operator: "s2" } });
    assert.deepEqual([server.steps.ready.on.name, server.otherServers], ["s3", []]);
  });
});

describe("another port of the API", () => {
  it("is written only where it is another one, and restarts servers and agents", () => {
    assert.equal(config(of("s1"))["https-listen-port"], undefined);
    for (const name of ["s1", "s2", "s3"]) assert.equal(config(of(name, { apiPort: 7443 }))["https-listen-port"], 7443);
    assert.equal(config(of("a1", { apiPort: 7443 }))["https-listen-port"], undefined);
    for (const name of ["s1", "s2", "s3", "a1"]) {
      assert.notEqual(of(name, { apiPort: 7443 }).fingerprint, of(name).fingerprint, name);
    }
  });

  it("is a risky change of a living cluster", async () => {
    const text = stackText("prod");
    // One after the other: an evaluation has Pulumi's settings, which are the process's own.
    const before = await planOf(text, "prod");
    const after = await planOf(edited(text, ["    protect: true\n", "    protect: true\n    apiPort: 7443\n"]), "prod");
    assert.deepEqual(riskyChanges(before, after), [
      {
        what: "the API moves from port 6443 to 7443",
        happens:
          "the servers restart one after another and the agents after them, each drained as the settings say; until its turn an agent may be not Ready, and pods that ask the API may fail",
        remedy:
          "open the new port first, change nothing else in this 'up', and give the kubeconfig to people again afterwards",
      },
    ]);
  }).timeout(60_000);
});

describe("a virtual IP", () => {
  const cluster = { virtualIp: { address: "10.0.0.100", interface: "eth0" } };

  it("is in the certificate, and no node's address", () => {
    const { "tls-san": names, "node-ip": own } = config(of("s2", cluster));
    assert.deepEqual([names, own], [["10.0.0.100", "192.0.2.2", "10.0.0.2"], "10.0.0.2"]);
  });

  it("is given to keepalived on every server, with the others as its peers", () => {
    assert.equal(
      file(of("s2", cluster), "/etc/groundwork/keepalived.conf"),
      `# The virtual IP of the Kubernetes API (by Groundwork).
global_defs {
  router_id s2
  script_user root
  enable_script_security
  vrrp_version 3
  vrrp_garp_master_refresh 30
}
vrrp_script api {
  script "/etc/groundwork/check-api"
  interval 1
  timeout 6
  fall 2
  rise 2
  init_fail
}
vrrp_instance api {
  state BACKUP
  interface eth0
  virtual_router_id 100
  priority 199
  advert_int 0.5
  nopreempt
  unicast_src_ip 10.0.0.2
  check_unicast_src
  unicast_peer {
    10.0.0.1
    10.0.0.3
  }
  virtual_ipaddress {
    10.0.0.100/32 dev eth0
  }
  track_script {
    api
  }
}
`,
    );
    const lone = desiredNode("s1", {
      nodes: [list[0]],
      cluster: { virtualIp: { ...cluster.virtualIp, prefix: 24, routerId: 9 } },
    });
    const text = file(lone, "/etc/groundwork/keepalived.conf") ?? "";
    assert.doesNotMatch(text, /unicast/);
    assert.match(text, /virtual_router_id 9\n[^]*10\.0\.0\.100\/24 dev eth0/);
  });

  it("brings its package and its unit to servers alone, and takes the unit off again", () => {
    const unit = "/etc/systemd/system/groundwork-vip.service";
    assert.deepEqual(of("s1", cluster).packages, ["keepalived"]);
    assert.deepEqual(of("a1", cluster).packages, []);
    assert.match(file(of("s1", cluster), unit) ?? "", /^PartOf=k3s\.service\nAfter=k3s\.service$/m);
    assert.equal(file(of("a1", cluster), unit), undefined);
    assert.ok(of("s1").files.drop.some(({ path }) => path === unit));
  });

  it("restarts no agent, and a server once, for its certificate", () => {
    assert.equal(of("a1", cluster).fingerprint, of("a1").fingerprint);
    const moved = { virtualIp: { ...cluster.virtualIp, routerId: 9 } };
    assert.equal(of("s1", moved).fingerprint, of("s1", cluster).fingerprint);
  });
});
