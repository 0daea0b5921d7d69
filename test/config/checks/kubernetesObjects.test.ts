import * as assert from "node:assert/strict";
import { errors, node, stack } from "../fixtures";

const server = (name: string, more: object = {}): Record<string, unknown> => node(name, { role: "server", ...more });

describe("names and quantities of Kubernetes", () => {
  it("leave Kubernetes's own namespaces alone, but for the one that is for everybody's pods", () => {
    assert.deepEqual(errors(stack({ namespaces: { default: {}, "kube-system": {}, "kube-public": {} } })), [
      "namespaces.kube-system: is a namespace of Kubernetes itself; write a namespace of your own, or default",
      "namespaces.kube-public: is a namespace of Kubernetes itself; write a namespace of your own, or default",
    ]);
  });

  it("leave an add-on's namespace to the add-on", () => {
    assert.deepEqual(errors(stack({ namespaces: { "cert-manager": {} }, certificates: { certManager: true } })), [
      "namespaces.cert-manager: is made by certificates.certManager already; leave it out of namespaces",
    ]);
    assert.deepEqual(errors(stack({ namespaces: { "cert-manager": {} } })), []);
    const namespaces = { "local-path-storage": {} };
    assert.deepEqual(errors(stack({ namespaces, storage: { localPath: { default: false } } })), [
      "namespaces.local-path-storage: is made by storage already; leave it out of namespaces",
    ]);
    assert.deepEqual(errors(stack({ namespaces })), []);
  });

  it("are labels where labels are meant", () => {
    assert.deepEqual(
      errors(
        stack({ nodes: [server("s1", { labels: { "a b": "x" } })], namespaces: { apps: { labels: { ok: "a b" } } } }),
      ),
      [
        'nodes[0].labels["a b"]: is not a label\'s name; write one like example.org/disk',
        "namespaces.apps.labels.ok: \"a b\" is not a label's value; write at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends",
      ],
    );
  });

  it("are annotations in one line that nobody else writes", () => {
    const annotations = {
      "a b": "x",
      "groundwork/labels": "x",
      "k3s.io/hostname": "x",
      lines: "a\nb",
      fine: "a b = c",
    };
    assert.deepEqual(errors(stack({ nodes: [server("s1", { annotations })] })), [
      'nodes[0].annotations["a b"]: is not an annotation\'s name; write one like example.org/rack',
      "nodes[0].annotations.groundwork/labels: is written by k3s or Groundwork itself; write one with a prefix of your own",
      'nodes[0].annotations["k3s.io/hostname"]: is written by k3s or Groundwork itself; write one with a prefix of your own',
      "nodes[0].annotations.lines: has more than one line; write it in one, e.g. as JSON",
    ]);
  });

  it("of taints have Kubernetes' form, each key once for each effect", () => {
    const taints = [
      "*:NoSchedule",
      "-a:NoExecute",
      "a=b c:NoSchedule",
      "a=1:NoSchedule",
      "a=2:NoSchedule",
      "a:NoExecute",
    ];
    const form = "write key=value:NoSchedule, PreferNoSchedule or NoExecute, e.g. example.org/gpu=true:NoSchedule";
    assert.deepEqual(errors(stack({ nodes: [node("s1", { role: "server" }), node("a1", { taints })] })), [
      `nodes[1].taints[0]: "*:NoSchedule" is not a taint; ${form}`,
      `nodes[1].taints[1]: "-a:NoExecute" is not a taint; ${form}`,
      `nodes[1].taints[2]: "a=b c:NoSchedule" is not a taint; ${form}`,
      "nodes[1].taints[4]: 'a:NoSchedule' is there already; write each key once for each effect",
    ]);
  });
});
