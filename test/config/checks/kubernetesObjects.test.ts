import * as assert from "node:assert/strict";
import { errors, node, stack, warnings } from "../fixtures";

const server = (name: string, more: object = {}): Record<string, unknown> => node(name, { role: "server", ...more });

describe("names and quantities of Kubernetes", () => {
  it("leave Kubernetes's own namespaces alone", () => {
    assert.deepEqual(errors(stack({ namespaces: { "kube-system": {} } })), [
      "namespaces.kube-system: is a namespace of Kubernetes itself; write a namespace of your own",
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

  it("are quantities in quotas and limits", () => {
    assert.deepEqual(
      errors(
        stack({
          namespaces: { apps: { quota: { "requests.memory": "8GB", pods: 20 }, limits: { max: { cpu: "a" } } } },
        }),
      ),
      [
        'namespaces.apps.quota["requests.memory"]: "8GB" is not a quantity; write one like 500m, 4 or 8Gi',
        'namespaces.apps.limits.max.cpu: "a" is not a quantity; write one like 500m, 4 or 8Gi',
      ],
    );
  });

  it("count in a quota what every container says, or gets by default", () => {
    const warningsOf = (namespace: object): string[] => {
      const raw = stack({ namespaces: { apps: namespace } });
      assert.deepEqual(errors(raw), []);
      return warnings(raw);
    };
    const quota = { "requests.cpu": 4, "limits.memory": "8Gi", pods: 20, "requests.storage": "10Gi" };
    const remedy =
      "write what a container gets that says nothing, in limits: default and defaultRequest, e.g. defaultRequest: { cpu: 50m }";
    assert.deepEqual(warningsOf({ quota }), [
      `namespaces.apps.quota: counts requests.cpu and limits.memory, so pods that do not say theirs are refused; ${remedy}`,
    ]);
    assert.deepEqual(warningsOf({ quota, limits: { defaultRequest: { cpu: "50m", memory: "64Mi" } } }), [
      `namespaces.apps.quota: counts limits.memory, so pods that do not say theirs are refused; ${remedy}`,
    ]);
    assert.deepEqual(warningsOf({ quota, limits: { min: { cpu: "1m" }, max: { memory: "2Gi" } } }), []);
    assert.deepEqual(warningsOf({ quota: { pods: 20 } }), []);
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
