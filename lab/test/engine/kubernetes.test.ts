import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HalfMade, type Executor, type Work } from "../../engine/executor";
import { kubernetesObjects } from "../../engine/kubernetesObject";
import { kubernetesProvider } from "../../engine/provider";
import { stepFor, type Goal, type ReplacementRules } from "../../engine/step";
import type { Values } from "../../engine/propertyValues";

/** As much of an API server as is asked for here: two groups, server-side apply, deletion that takes a moment. */
class FakeApiServer {
  readonly objects = new Map<string, Values>();
  readonly requests: string[] = [];
  readonly finalizing = new Map<string, number>();
  kinds: Values[] = [];
  readonly server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const [status, answer] = this.answer(request.method!, request.url!, body);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });

  answer(method: string, url: string, body: string): [number, unknown] {
    const path = url.split("?")[0]!;
    this.requests.push(`${method} ${url}`);
    const missing = { kind: "Status", message: `${path} not found` };
    if (path === "/api/v1") {
      const core = [
        { name: "namespaces", kind: "Namespace", namespaced: false },
        { name: "configmaps", kind: "ConfigMap", namespaced: true },
      ];
      return [200, { resources: [...core, { name: "namespaces/status", kind: "Namespace", namespaced: false }] }];
    }
    if (path === "/apis/lab.test/v1") return this.kinds.length > 0 ? [200, { resources: this.kinds }] : [404, missing];
    if (method === "PATCH") {
      const object = JSON.parse(body) as { metadata: Values };
      if (object.metadata["name"] === "forbidden") return [403, { message: 'configmaps "forbidden" is forbidden' }];
      const live = {
        ...this.objects.get(path),
        ...object,
        metadata: { ...object.metadata, uid: "1", managedFields: [{}] },
      };
      this.objects.set(path, live);
      return [200, live];
    }
    if (!this.objects.has(path)) return [404, missing];
    if (method === "DELETE") {
      this.finalizing.set(path, 2);
      return [200, {}];
    }
    const left = this.finalizing.get(path);
    if (left !== undefined && left <= 0) this.objects.delete(path);
    if (left !== undefined) this.finalizing.set(path, left - 1);
    return this.objects.has(path) ? [200, this.objects.get(path)] : [404, missing];
  }
}

describe("a Kubernetes object of the lab engine", () => {
  let api: FakeApiServer;
  let executor: Executor;
  let dispose: () => void;
  let kubeconfig: string;
  beforeEach(async () => {
    api = new FakeApiServer();
    await new Promise<void>((resolve) => api.server.listen(0, "127.0.0.1", resolve));
    const { port } = api.server.address() as AddressInfo;
    kubeconfig = JSON.stringify({
      "current-context": "lab",
      contexts: [{ name: "lab", context: { cluster: "lab", user: "lab" } }],
      clusters: [{ name: "lab", cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: "lab", user: { token: "t" } }],
    });
    ({ executor, dispose } = kubernetesObjects());
  });
  afterEach(async () => {
    dispose();
    await new Promise((resolve) => api.server.close(resolve));
  });
  const work = (inputs: Values, old?: Work["old"], type = "kubernetes:core/v1:ConfigMap"): Work => {
    return {
      urn: "",
      name: "cm",
      type,
      inputs,
      old,
      provider: { kubeconfig },
      wasCutOff: false,
      print: () => undefined,
    };
  };
  const configMap = (metadata: Values, data: Values = {}) => ({ apiVersion: "v1", kind: "ConfigMap", metadata, data });

  it("is applied by the server, under a name of its own where it has none, and keeps that name", async () => {
    const made = await executor.create(work(configMap({ namespace: "shop" }, { a: "1" })));
    assert.match(made.id, /^shop\/cm-[0-9a-f]{8}$/);
    const name = (made.outputs["metadata"] as Values)["name"] as string;
    const old = { id: made.id, inputs: {}, outputs: made.outputs };
    await executor.update(work(configMap({ namespace: "shop" }, { a: "2" }), old));
    assert.deepEqual([...api.objects.keys()], [`/api/v1/namespaces/shop/configmaps/${name}`]);
    assert.deepEqual([...api.objects.values()][0]!["data"], { a: "2" });
    assert.ok(
      api.requests.every(
        (request) => !request.startsWith("PATCH") || request.endsWith("?fieldManager=groundwork-lab&force=true"),
      ),
    );
    assert.equal((made.outputs["metadata"] as Values)["managedFields"], undefined);
  });

  it("goes to the context's namespace, or to none when its kind has none", async () => {
    assert.equal((await executor.create(work(configMap({ name: "x" })))).id, "default/x");
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    assert.equal((await executor.create(work(namespace))).id, "shop");
  });

  it("is gone when its deletion is over, and its deletion twice is no fault", async () => {
    const made = await executor.create(work(configMap({ name: "x" })));
    const old = { id: made.id, inputs: {}, outputs: made.outputs };
    await executor.delete(work(configMap({ name: "x" }), old));
    assert.equal(api.objects.size, 0);
    await executor.delete(work(configMap({ name: "x" }), old));
  });

  it("waits for a kind whose definition is not established yet", async () => {
    setTimeout(() => (api.kinds = [{ name: "things", kind: "Thing", namespaced: false }]), 300);
    const thing = { apiVersion: "lab.test/v1", kind: "Thing", metadata: { name: "t" } };
    assert.equal((await executor.create(work(thing, undefined, "kubernetes:lab.test/v1:Thing"))).id, "t");
  });

  it("as a patch gives its fields back instead of deleting what is not its own", async () => {
    const type = "kubernetes:core/v1:ConfigMapPatch";
    const made = await executor.create(work(configMap({ name: "x" }, { a: "1" }), undefined, type));
    await executor.delete(work(configMap({ name: "x" }), { id: made.id, inputs: {}, outputs: made.outputs }, type));
    const last = api.requests.at(-1)!;
    assert.equal(last, "PATCH /api/v1/namespaces/default/configmaps/x?fieldManager=groundwork-lab-cm&force=true");
    assert.ok(!api.requests.some((request) => request.startsWith("DELETE")));
  });

  it("does not take over what is there, unless the provider says so or the last run was cut off", async () => {
    const x = work(configMap({ name: "x" }));
    api.objects.set("/api/v1/namespaces/default/configmaps/x", configMap({ name: "x" }));
    await assert.rejects(executor.create(x), /^Error: ConfigMap x already exists in the cluster: /);
    await executor.create({ ...x, provider: { kubeconfig, upsertExistingObjects: "true" } });
    await executor.create({ ...x, wasCutOff: true });
  });

  it("is on record when it was applied and did not become ready in time", async () => {
    api.kinds = [{ name: "deployments", kind: "Deployment", namespaced: true }];
    const deployment = {
      apiVersion: "lab.test/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: { replicas: 2 },
    };
    const failed = executor.create({ ...work(deployment), timeoutSeconds: 0.1 });
    await assert.rejects(failed, (error: unknown) => {
      assert.ok(error instanceof HalfMade);
      assert.equal(error.message, "Deployment web is not ready after 0.1 s: waiting: 0 of 2 ready");
      assert.equal(error.made.id, "default/web");
      return true;
    });
  });

  it("fails in the server's own words", async () => {
    await assert.rejects(
      executor.create(work(configMap({ name: "forbidden" }))),
      /^Error: configmaps "forbidden" is forbidden$/,
    );
    const noProvider = { ...work(configMap({ name: "x" })), provider: undefined };
    await assert.rejects(executor.create(noProvider), /has no provider with a kubeconfig/);
  });

  it("is replaced when its name, namespace or kind changes, deleted first where the name stays", () => {
    const step = (before: Values, after: Values) => stepOf(executor, before, after);
    const one = { ...configMap({ name: "a", namespace: "n" }), kind: "Thing" };
    const moved = (metadata: Values) => ({ ...one, metadata });
    assert.equal(step(one, moved({ name: "a", namespace: "n", labels: { k: "1" } })), "update");
    assert.equal(step(one, moved({ name: "b", namespace: "n" })), "replace");
    assert.equal(step(one, moved({ name: "a", namespace: "m" })), "replace");
    assert.equal(step({ ...one, apiVersion: "apps/v1" }, { ...one, apiVersion: "apps/v2" }), "update");
    assert.equal(
      step({ ...one, apiVersion: "extensions/v1" }, { ...one, apiVersion: "apps/v1" }),
      "replace, deleted first",
    );
  });

  it("is replaced when a field changes that cannot change in place, as the contents of a ConfigMap", () => {
    const named = (kind: string, apiVersion: string, rest: Values) => ({
      apiVersion,
      kind,
      metadata: { name: "a" },
      ...rest,
    });
    const step = (kind: string, apiVersion: string, before: Values, after: Values, provider?: Values) => {
      const rules = {
        ...executor,
        replaces: (...change: Parameters<Executor["replaces"]>) =>
          executor.replaces(change[0], change[1], change[2], provider),
      };
      return stepOf(rules, named(kind, apiVersion, before), named(kind, apiVersion, after));
    };
    const [one, two] = [{ data: { k: "1" } }, { data: { k: "2" } }];
    assert.equal(step("ConfigMap", "v1", one, two), "replace, deleted first");
    assert.equal(step("ConfigMap", "v1", one, two, { enableConfigMapMutable: "true" }), "update");
    assert.equal(step("Secret", "v1", one, two, { enableConfigMapMutable: "true" }), "replace, deleted first");
    assert.equal(
      step("StorageClass", "storage.k8s.io/v1", { reclaimPolicy: "Delete" }, { reclaimPolicy: "Retain" }),
      "update",
    );
    assert.equal(
      step("StorageClass", "storage.k8s.io/v1", { provisioner: "a" }, { provisioner: "b" }),
      "replace, deleted first",
    );
    assert.equal(step("Deployment", "apps/v1", { spec: { replicas: 1 } }, { spec: { replicas: 2 } }), "update");
  });

  it("stays with its provider when only the kubeconfig changes and the clusterIdentifier does not", () => {
    const step = (before: Values, after: Values) =>
      stepFor({ ...record0, inputs: before }, { ...goal0, inputs: after }, kubernetesProvider).operation;
    const config = (server: string, token: string) =>
      JSON.stringify({
        ...JSON.parse(kubeconfig),
        clusters: [{ name: "lab", cluster: { server } }],
        users: [{ name: "lab", user: { token } }],
      });
    assert.equal(
      step(
        { kubeconfig: config("a", "1"), clusterIdentifier: "c" },
        { kubeconfig: config("b", "2"), clusterIdentifier: "c" },
      ),
      "update",
    );
    assert.equal(step({ kubeconfig: config("a", "1") }, { kubeconfig: config("a", "2") }), "update");
    assert.equal(step({ kubeconfig: config("a", "1") }, { kubeconfig: config("b", "1") }), "replace");
    assert.equal(step({ clusterIdentifier: "c" }, { clusterIdentifier: "d" }), "replace");
    assert.equal(step({}, { clusterIdentifier: "d" }), "update");
  });
});

function stepOf(rules: ReplacementRules, before: Values, after: Values): string {
  const { operation, deleteFirst } = stepFor({ ...record0, inputs: before }, { ...goal0, inputs: after }, rules);
  return operation + (deleteFirst ? ", deleted first" : "");
}

const goal0: Goal = {
  ...{
    urn: "u",
    type: "t",
    name: "n",
    custom: true,
    inputs: {},
    aliases: [],
    dependencies: [],
    propertyDependencies: {},
  },
  ...{
    deleteBeforeReplace: false,
    ignoreChanges: [],
    replaceOnChanges: [],
    additionalSecretOutputs: [],
    timeoutSeconds: {},
  },
};
const record0 = {
  urn: "u",
  type: "t",
  name: "n",
  custom: true,
  dependencies: [],
  propertyDependencies: {},
  inputs: {},
  outputs: {},
  protect: false,
  retainOnDelete: false,
  replaced: false,
  awaitsReplacement: false,
  interrupted: false,
};
