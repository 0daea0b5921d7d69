import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { allNodes, type DesiredNode } from "../../../desired/nodes";
import { desiredOf, nodes } from "../../program";

const list = nodes("server:s1", "server:s2", "server:s3", "agent:a1");

function desired(k3s: object, more: object = {}): Map<string, DesiredNode> {
  return new Map(allNodes(desiredOf({ nodes: list, k3s, ...more }).nodes).map((node) => [node.name, node]));
}

/** Paths of what the settings give a node, with their effects. */
function given(node: DesiredNode | undefined): Record<string, string> {
  const { put, secret } = node!.files;
  return Object.fromEntries([...put.filter((file) => file.given), ...secret].map(({ path, effect }) => [path, effect]));
}

function textOf(node: DesiredNode | undefined, path: string): string {
  const { put, secret } = node!.files;
  return put.find((file) => file.path === path)?.content ?? secret.find((file) => file.path === path)!.content.reveal();
}

describe("what k3s is given beside its configuration", () => {
  it("is nothing by default", () => {
    for (const node of desired({}).values()) assert.deepEqual(given(node), {});
  });

  it("is kubectl's completion on servers, where that is wanted, and restarts nothing", () => {
    const all = desired({ kubectlCompletion: true });
    const path = "/usr/local/share/bash-completion/completions/kubectl";
    assert.deepEqual([given(all.get("s3")), given(all.get("a1"))], [{ [path]: "keep" }, {}]);
    assert.equal(all.get("s1")?.fingerprint, desired({}).get("s1")?.fingerprint);
  });

  it("is for a role, and of a node where it has its own", () => {
    const files = {
      "/etc/rancher/k3s/audit.yaml": { content: "rules: []", role: "server" },
      "/etc/rancher/k3s/kubelet.yaml": { content: "a: 1\n", restart: false },
    };
    const own = { "/etc/rancher/k3s/kubelet.yaml": { secretContent: Secret.of("a: 2") } };
    const all = desired(
      { files },
      { nodes: list.map((node) => (node["name"] === "a1" ? { ...node, files: own } : node)) },
    );
    assert.deepEqual(given(all.get("s2")), {
      "/etc/rancher/k3s/audit.yaml": "restart",
      "/etc/rancher/k3s/kubelet.yaml": "keep",
    });
    assert.deepEqual(given(all.get("a1")), { "/etc/rancher/k3s/kubelet.yaml": "restart" });
    assert.equal(textOf(all.get("s2"), "/etc/rancher/k3s/audit.yaml"), "rules: []\n");
    assert.equal(textOf(all.get("a1"), "/etc/rancher/k3s/kubelet.yaml"), "a: 2\n");
  });

  it("are manifests on every server, which restart nobody", () => {
    const all = desired({ manifests: { b: "# b\n" }, secretManifests: { a: Secret.of("# a\n") } });
    const directory = "/var/lib/rancher/k3s/server/manifests";
    for (const name of ["s1", "s2", "s3"]) {
      assert.deepEqual(given(all.get(name)), { [`${directory}/b.yaml`]: "keep", [`${directory}/a.yaml`]: "keep" });
      assert.equal(all.get(name)!.fingerprint, desired({}).get(name)!.fingerprint);
    }
    assert.deepEqual(given(all.get("a1")), {});
  });

  it("is an environment in which the cluster's own is never asked for through the proxy", () => {
    const environment = {
      HTTPS_PROXY: "http://proxy:3128",
      NO_PROXY: "10.0.0.0/8 .corp.example",
      CONTAINERD_HTTP_PROXY: "http://p:1",
    };
    const secretEnvironment = { TOKEN: Secret.of('a"b\\c$d') };
    const all = desired({ environment, secretEnvironment }, { cluster: { apiAddress: "k3s.example.org" } });
    assert.equal(
      textOf(all.get("a1"), "/etc/systemd/system/k3s-agent.env"),
      [
        'CONTAINERD_HTTP_PROXY="http://p:1"',
        'HTTPS_PROXY="http://proxy:3128"',
        'NO_PROXY="10.0.0.0/8 .corp.example"',
        String.raw`TOKEN="a\"b\\c\$d"`,
        "",
      ].join("\n"),
    );
    const own =
      "10.0.0.0/8,.corp.example,localhost,127.0.0.0/8,::1,10.42.0.0/16,10.43.0.0/16,.svc,.cluster.local,k3s.example.org,192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4";
    assert.equal(
      textOf(all.get("a1"), "/etc/rancher/k3s/no-proxy.env"),
      `CONTAINERD_NO_PROXY="${own}"\nNO_PROXY="${own}"\n`,
    );
    assert.equal(given(all.get("s1"))["/etc/systemd/system/k3s.service.d/20-no-proxy.conf"], "unit");
  });

  it("restarts nobody when another node comes: only new nodes have to know all others", () => {
    const environment = { HTTPS_PROXY: "http://proxy:3128" };
    const more = nodes("server:s1", "server:s2", "server:s3", "agent:a1", "agent:a2");
    const after = new Map(
      allNodes(desiredOf({ nodes: more, k3s: { environment } }).nodes).map((node) => [node.name, node]),
    );
    for (const [name, node] of desired({ environment })) assert.equal(after.get(name)!.fingerprint, node.fingerprint);
  });
});
