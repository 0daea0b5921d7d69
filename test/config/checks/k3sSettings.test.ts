import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { errors, node, stack, warnings } from "../fixtures";

const server = (name: string, more: object = {}): Record<string, unknown> => node(name, { role: "server", ...more });

describe("k3s's own settings", () => {
  it("leave Groundwork's keys alone", () => {
    assert.deepEqual(
      errors(stack({ k3s: { server: { token: "x", "tls-san": ["a"] }, agent: { "node-label": ["a=b"] } } })),
      [
        "k3s.server.token: is written by Groundwork; set k3s.token (a secret)",
        "k3s.server.tls-san: is written by Groundwork; set k3s.tlsSans",
        "k3s.agent.node-label: is written by Groundwork; set nodes[].labels",
      ],
    );
  });

  it("hold no secrets", () => {
    assert.deepEqual(errors(stack({ k3s: { server: { "vpn-auth": "x" } } })), [
      "k3s.server.vpn-auth: is a secret, and would stand in plain text on the nodes and in the state; use vpn-auth-file with a file on the node",
    ]);
  });

  it("of agents are none of servers", () => {
    assert.deepEqual(
      errors(
        stack({
          nodes: [server("s1"), node("a", { k3s: { "etcd-expose-metrics": true } })],
          k3s: { agent: { "etcd-arg": ["x"] } },
        }),
      ),
      [
        "k3s.agent.etcd-arg: is a setting of servers, and an agent does not start with it; write it under k3s.server",
        "nodes[1].k3s.etcd-expose-metrics: is a setting of servers, and an agent does not start with it; write it under k3s.server",
      ],
    );
  });

  it("that concern the cluster are the same on all servers", () => {
    assert.deepEqual(errors(stack({ nodes: [server("s1", { k3s: { "cluster-dns": "10.43.0.10" } })] })), [
      "nodes[0].k3s.cluster-dns: must be the same on all servers, or they refuse to join; write it under k3s.server",
    ]);
  });

  it("that are unknown are warned about, with the nearest known one", () => {
    const raw = stack({ k3s: { server: { "kubelet-args": ["x"], zzz: 1 } } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "k3s.server.kubelet-args: is not a k3s setting that is known here; did you mean kubelet-arg?",
      "k3s.server.zzz: is not a k3s setting that is known here; see docs.k3s.io/cli",
    ]);
  });

  it("may append to a list", () => {
    const raw = stack({ nodes: [server("s1", { k3s: { "kube-apiserver-arg+": ["audit-log-maxage=30"] } })] });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("do not configure what they leave out", () => {
    assert.deepEqual(errors(stack({ k3s: { server: { "disable-kube-proxy": true, "kube-proxy-arg": ["x"] } } })), [
      "k3s.server.kube-proxy-arg: configures kube-proxy, but disable-kube-proxy leaves it out; remove one of the two",
    ]);
  });

  it("are known by every name that k3s gives them", () => {
    assert.deepEqual(
      errors(
        stack({
          k3s: {
            server: { t: "x", d: "/data", "t+": "y", "no-deploy": ["traefik"], "cluster-secret": "z" },
            agent: { i: "::1" },
          },
          nodes: [server("s1", { k3s: { s: "https://a", c: "/f", o: "/g" } })],
        }),
      ),
      [
        "k3s.server.t: is written by Groundwork; set k3s.token (a secret)",
        "k3s.server.d: is written by Groundwork; leave it out; the data is kept in /var/lib/rancher/k3s",
        "k3s.server.t+: is written by Groundwork; set k3s.token (a secret)",
        "k3s.server.no-deploy: is written by Groundwork; set k3s.disable",
        "k3s.server.cluster-secret: is written by Groundwork; set k3s.token (a secret)",
        "k3s.agent.i: is written by Groundwork; set nodes[].internalIp",
        "nodes[0].k3s.s: is written by Groundwork; set cluster.joinAddress",
        "nodes[0].k3s.c: is written by Groundwork; leave it out; the settings are kept in /etc/rancher/k3s/config.yaml",
        "nodes[0].k3s.o: is written by Groundwork; leave it out; the kubeconfig is a secret output of the stack",
      ],
    );
    assert.deepEqual(warnings(stack({ k3s: { server: { l: "/var/log/k3s.log" } } })), []);
    assert.deepEqual(errors(stack({ k3s: { server: { l: "/a", log: "/b" } } })), [
      "k3s.server.l: is another name of log, which is there too; write log only",
    ]);
  });

  it("are names of options and not whole arguments", () => {
    const form = "is not the name of a k3s setting; write it without '-' before it, and its value after ': '";
    assert.deepEqual(errors(stack({ k3s: { server: { "token=x": "", "-token": "x", "vpn-auth x": "" } } })), [
      `k3s.server.token=x: ${form}`,
      `k3s.server.-token: ${form}`,
      `k3s.server["vpn-auth x"]: ${form}`,
    ]);
  });

  it("have tokens that k3s takes as a password, and never show them", () => {
    const problems = (token: string): string[] => errors(stack({ k3s: { token: Secret.of(token) } }));
    const password = "Zx81spectrum48k";
    const refused = [
      ...["two words", "", ` ${password}`, `${password}\n`, `a\n${password}`, "pässword"],
      ...["abc123.0123456789abcdef", `K10${"a".repeat(64)}::abc123.0123456789abcdef`],
      ...[`K10${"a".repeat(64)}::server:${password}`, `server:${password}`, `K10::${password}`],
    ];
    for (const token of refused) {
      const found = problems(token);
      assert.equal(found.length, 1, token);
      assert.match(found[0] ?? "", /^k3s\.token: (is empty, or has|has the form of a bootstrap|is a whole token)/);
      assert.ok(token.length < 10 || !found.join().includes(token.slice(-10)), "shows it");
    }
    const fine = [password, "abc123.0123456789abcde", "ABC123.0123456789abcdef", "p@ss:word!"];
    assert.deepEqual(fine.flatMap(problems), []);
    assert.deepEqual(errors(stack({ k3s: { agentToken: Secret.of("abc123.0123456789abcdef") } })), [
      "k3s.agentToken: has the form of a bootstrap token (6 letters, a point, 16 letters), which k3s looks up in the cluster instead; set a password of another form, or remove it to have one generated",
    ]);
  });
});
