import * as assert from "node:assert/strict";
import { desiredOf, find } from "../program";
import { build, type BuiltResource } from "../components/inCluster";

const everything = {
  dns: { forward: { "home.example.org": ["192.168.10.1"] } },
  storage: { nfs: { server: "10.0.0.9", path: "/export" }, longhorn: { default: true } },
  ingress: { controller: "ingress-nginx" },
  certificates: { certManager: true, email: "a@example.org" },
};
const RELEASE = "kubernetes:helm.sh/v3:Release";

const done = new Map<string, BuiltResource[]>();

/** Each stack is built once: most tests look at the same one. */
async function built(changes: Record<string, unknown>, given = {}): Promise<BuiltResource[]> {
  const key = JSON.stringify([changes, given]);
  const groups = desiredOf(changes).groups.filter((group) => group.name === "addons");
  const resources = done.get(key) ?? (await build(groups, given));
  done.set(key, resources);
  return resources;
}

function release(resources: readonly BuiltResource[], name: string): BuiltResource {
  return find(resources, name, RELEASE) as BuiltResource;
}

describe("Addons", () => {
  it("are none by default", async () => {
    assert.deepEqual(
      (await built({})).map((one) => one.type),
      ["groundwork:addons:Addons"],
    );
  });

  it("have names that never change", async () => {
    const names = (await built(everything)).map((one) => `${one.name} ${one.type}`);
    assert.deepEqual(names, [
      "addons groundwork:addons:Addons",
      "cert-manager groundwork:addons:CertManager",
      "cert-manager kubernetes:core/v1:Namespace",
      "cert-manager kubernetes:helm.sh/v3:Release",
      "coredns groundwork:addons:CoreDns",
      "coredns-custom kubernetes:core/v1:ConfigMap",
      "ingress-nginx groundwork:addons:IngressNginx",
      "ingress-nginx kubernetes:core/v1:Namespace",
      "ingress-nginx kubernetes:helm.sh/v3:Release",
      "local-path groundwork:addons:LocalPath",
      "local-path kubernetes:storage.k8s.io/v1:StorageClass",
      "local-path-provisioner kubernetes:apps/v1:Deployment",
      "local-path-provisioner kubernetes:core/v1:ConfigMap",
      "local-path-provisioner kubernetes:core/v1:ServiceAccount",
      "local-path-provisioner kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
      "local-path-provisioner kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
      "local-path-provisioner kubernetes:rbac.authorization.k8s.io/v1:Role",
      "local-path-provisioner kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
      "local-path-storage kubernetes:core/v1:Namespace",
      "longhorn groundwork:addons:Longhorn",
      "longhorn kubernetes:helm.sh/v3:Release",
      "longhorn-system kubernetes:core/v1:Namespace",
      "nfs-client kubernetes:storage.k8s.io/v1:StorageClass",
      "nfs-provisioner groundwork:addons:NfsProvisioner",
      "nfs-provisioner kubernetes:core/v1:Namespace",
      "nfs-subdir-external-provisioner kubernetes:helm.sh/v3:Release",
    ]);
  });

  it("are Helm releases with a fixed name, a pinned version and a namespace of their own", async () => {
    const { inputs, options } = release(await built(everything), "cert-manager");
    const { values, ...rest } = inputs;
    assert.ok(values);
    assert.deepEqual(rest, {
      name: "cert-manager",
      namespace: "cert-manager",
      chart: "cert-manager",
      version: "v1.21.2",
      repositoryOpts: { repo: "https://charts.jetstack.io" },
      atomic: true,
      cleanupOnFail: true,
      timeout: 600,
      maxHistory: 10,
      compat: "true",
    });
    assert.deepEqual(options.dependsOn, ["cert-manager"]);
    assert.equal(options.provider, "k8s");
    assert.equal(options.deletedWith, "first-server");
  });

  it("never take Longhorn back by themselves", async () => {
    const { inputs } = release(await built(everything), "longhorn");
    assert.equal(inputs["atomic"], false);
    assert.equal(inputs["cleanupOnFail"], false);
  });

  it("are protected where they hold data and the stack protects it", async () => {
    const guarded = async (protect: boolean): Promise<string[]> =>
      (await built({ ...everything, cluster: { protect } }))
        .filter((one) => one.options.protect)
        .map((one) => one.name);
    assert.deepEqual(await guarded(false), []);
    assert.deepEqual(await guarded(true), [
      "longhorn",
      "longhorn-system",
      "nfs-provisioner",
      "nfs-subdir-external-provisioner",
    ]);
  });

  it("all live in the cluster and go with it", async () => {
    for (const { type, name, options } of await built(everything)) {
      if (!type.startsWith("kubernetes:")) continue;
      assert.equal(options.provider, "k8s", `${type} ${name}`);
      assert.equal(options.deletedWith, "first-server", `${type} ${name}`);
    }
  });

  it("take a chart from disk, and notice when it is edited", async () => {
    const chart = "./addons/longhorn/stand-in";
    const { inputs } = release(await built({ storage: { longhorn: { chart } } }), "longhorn");
    assert.equal(inputs["chart"], chart);
    assert.equal(inputs["version"], undefined);
    assert.equal(inputs["repositoryOpts"], undefined);
    assert.match(String(inputs["description"]), /^chart sha256:[0-9a-f]{16}$/);
  });

  it("lay the stack's own values over ours", async () => {
    const values = { defaultSettings: { defaultReplicaCount: 2 }, metrics: { serviceMonitor: { enabled: true } } };
    const { inputs } = release(await built({ storage: { longhorn: { values } } }), "longhorn");
    const merged = inputs["values"] as Record<string, Record<string, unknown>>;
    assert.equal(merged["defaultSettings"]?.["defaultReplicaCount"], 2);
    assert.equal(merged["defaultSettings"]["defaultDataPath"], "/var/lib/longhorn");
    assert.deepEqual(merged["metrics"], { serviceMonitor: { enabled: true } });
  });

  it("replace the NFS class when it changes where a class cannot be changed", async () => {
    const storageClass = find(await built(everything), "nfs-client") as BuiltResource;
    assert.deepEqual(storageClass.options.replaceOnChanges, [
      "provisioner",
      "parameters",
      "reclaimPolicy",
      "volumeBindingMode",
    ]);
    assert.ok(storageClass.options.deleteBeforeReplace, "the new one has the old one's name");
    assert.deepEqual(storageClass.options.dependsOn, ["nfs-subdir-external-provisioner"]);
  });

  it("give local-path without the default mark, on k3s's own directory, where another class is the default", async () => {
    const resources = await built(everything);
    const storageClass = find(resources, "local-path", "kubernetes:storage.k8s.io/v1:StorageClass").inputs;
    assert.equal(storageClass["provisioner"], "rancher.io/local-path");
    assert.deepEqual(storageClass["metadata"], {
      name: "local-path",
      annotations: { defaultVolumeType: "local", "storageclass.kubernetes.io/is-default-class": "false" },
    });
    const config = find(resources, "local-path-provisioner", "kubernetes:core/v1:ConfigMap").inputs["data"] as Record<
      string,
      string
    >;
    assert.deepEqual(JSON.parse(config["config.json"] ?? ""), {
      nodePathMap: [{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: ["/var/lib/rancher/k3s/storage"] }],
    });
  });

  it("follow k3s's own directory and registry for local-path", async () => {
    const server = { "default-local-storage-path": "/data", "system-default-registry": "registry.example.org" };
    const resources = await built({ ...everything, k3s: { server } });
    const config = find(resources, "local-path-provisioner", "kubernetes:core/v1:ConfigMap").inputs["data"] as Record<
      string,
      string
    >;
    assert.match(config["config.json"] ?? "", /"\/data"/);
    assert.match(config["helperPod.yaml"] ?? "", /image: registry\.example\.org\/rancher\/mirrored-library-busybox:/);
    const deployment = JSON.stringify(
      find(resources, "local-path-provisioner", "kubernetes:apps/v1:Deployment").inputs,
    );
    assert.match(deployment, /"registry\.example\.org\/rancher\/local-path-provisioner:/);
  });

  it("give each namespace the Pod Security level that its pods need", async () => {
    const level = async (changes: Record<string, unknown>, name: string): Promise<unknown> => {
      const { inputs } = find(await built(changes), name, "kubernetes:core/v1:Namespace");
      const { labels } = inputs["metadata"] as { labels: Record<string, string> };
      return labels["pod-security.kubernetes.io/enforce"];
    };
    assert.equal(await level(everything, "cert-manager"), "restricted");
    assert.equal(await level(everything, "longhorn-system"), "privileged");
    assert.equal(await level(everything, "nfs-provisioner"), "baseline");
    assert.equal(await level(everything, "ingress-nginx"), "baseline");
    const hostPorts = { ingress: { ...everything.ingress, hostPorts: true, serviceType: "ClusterIP" } };
    assert.equal(await level(hostPorts, "ingress-nginx"), "privileged");
  });

  it("plan the same in a preview", async () => {
    const inputs = (resources: BuiltResource[]): unknown => resources.map(({ name, inputs }) => ({ name, inputs }));
    assert.deepEqual(inputs(await built(everything, { preview: true })), inputs(await built(everything)));
  });
});
