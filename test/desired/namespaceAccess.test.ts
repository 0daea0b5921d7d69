import * as assert from "node:assert/strict";
import { Secret } from "../../config/secret";
import { build, type BuiltResource } from "../components/inCluster";
import { desiredOf, find } from "../program";

const PASSWORD = "PULL-CANARY";

async function built(namespaces: Record<string, unknown>): Promise<BuiltResource[]> {
  const { groups } = desiredOf({ namespaces, k3s: { disable: ["traefik"] } });
  return build(groups.filter((group) => group.name === "namespaces"));
}

function found(resources: BuiltResource[], name: string): BuiltResource {
  return find(resources, name) as BuiltResource;
}

const registry = (more: object = {}): object => ({
  registry: "registry.example.org:5000",
  username: "robot",
  password: Secret.of(PASSWORD),
  ...more,
});

describe("pull secrets of a namespace", () => {
  it("are Secrets of their names, which pods use that name no service account", async () => {
    const resources = await built({
      shop: { pullSecrets: { own: registry(), hub: registry({ registry: "docker.io" }) } },
    });
    const { inputs } = found(resources, "shop.own");
    assert.equal(inputs["type"], "kubernetes.io/dockerconfigjson");
    assert.deepEqual(inputs["metadata"], { name: "own", namespace: "shop" });
    const account = found(resources, "shop.default");
    assert.equal(account.type, "kubernetes:core/v1:ServiceAccountPatch");
    assert.deepEqual(account.inputs["imagePullSecrets"], [{ name: "own" }, { name: "hub" }]);
    assert.deepEqual(account.options.dependsOn, ["shop", "shop.own", "shop.hub"]);
  });

  it("hold the login as the kubelet reads it, and as a secret", async () => {
    const resources = await built({
      shop: { pullSecrets: { own: registry(), hub: registry({ registry: "docker.io" }) } },
    });
    const login = { username: "robot", password: PASSWORD, auth: Buffer.from(`robot:${PASSWORD}`).toString("base64") };
    const textOf = (name: string): unknown => {
      const wrapped = found(resources, name).inputs["stringData"] as Record<string, unknown>;
      const secret = (wrapped["value"] ?? wrapped) as Record<string, unknown>;
      const field = secret[".dockerconfigjson"] as { value?: string } | string;
      assert.notEqual(typeof field === "string" && wrapped["value"] === undefined, true, "it is wrapped as a secret");
      return JSON.parse(typeof field === "string" ? field : (field.value ?? ""));
    };
    assert.deepEqual(textOf("shop.own"), { auths: { "registry.example.org:5000": login } });
    assert.deepEqual(textOf("shop.hub"), { auths: { "https://index.docker.io/v1/": login } });
  });

  it("are said nowhere else, and not made up where the password is sealed", () => {
    const group = (password: Secret): string => {
      const { groups, outputs } = desiredOf({ namespaces: { shop: { pullSecrets: { own: registry({ password }) } } } });
      return JSON.stringify([groups, outputs]);
    };
    assert.doesNotMatch(group(Secret.of(PASSWORD)), /CANARY/);
    assert.equal(group(Secret.of(PASSWORD)), group(Secret.sealed()));
  });
});

describe("a team's access to a namespace", () => {
  it("is a service account that no pod uses, bound to its role", async () => {
    const resources = await built({ shop: { access: { web: { role: "edit" } } } });
    assert.deepEqual(
      resources.map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`),
      ["Namespaces namespaces", "Namespace shop", "ServiceAccount shop.team-web", "RoleBinding shop.team-web.edit"],
    );
    assert.equal(found(resources, "shop.team-web").inputs["automountServiceAccountToken"], false);
    const { inputs } = found(resources, "shop.team-web.edit");
    assert.deepEqual(inputs["roleRef"], { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" });
    assert.deepEqual(inputs["subjects"], [{ kind: "ServiceAccount", name: "team-web", namespace: "shop" }]);
  });

  it("has rules of its own beside the role", async () => {
    const rules = [{ apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] }];
    const resources = await built({ shop: { access: { web: { role: "view", rules } } } });
    assert.deepEqual(found(resources, "shop.team-web.view").inputs["roleRef"], {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "view",
    });
    const roles = resources.filter(({ name }) => name === "shop.team-web.rules");
    assert.deepEqual(roles.map(({ type }) => type).sort(), [
      "kubernetes:rbac.authorization.k8s.io/v1:Role",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    ]);
    const role = roles.find(({ type }) => type.endsWith(":Role"));
    assert.deepEqual(role?.inputs["rules"], rules);
  });

  it("has names that no other namespace's can have", async () => {
    const role = { role: "view" };
    const resources = await built({ a: { access: { "b-team-c": role } }, "a-team-b": { access: { c: role } } });
    const names = resources.map(({ type, name }) => `${type} ${name}`);
    assert.equal(new Set(names).size, names.length);
  });
});

describe("the namespace default", () => {
  it("is used like others: with quota, limits, policies, pull secrets and teams, and is never deleted", async () => {
    const resources = await built({
      default: {
        quota: { "requests.cpu": 4 },
        defaultDeny: true,
        pullSecrets: { own: registry() },
        access: { web: { role: "view" } },
      },
    });
    assert.deepEqual(
      resources.filter(({ type }) => type.endsWith(":Namespace")),
      [],
    );
    assert.equal(found(resources, "default").type, "kubernetes:core/v1:NamespacePatch");
    assert.deepEqual(found(resources, "default-limits").inputs["spec"], {
      limits: [{ type: "Container", defaultRequest: { cpu: "50m" } }],
    });
    assert.deepEqual(found(resources, "default-default-deny").inputs["metadata"], {
      name: "default-deny",
      namespace: "default",
    });
    for (const name of ["default-quota", "default.own", "default.default", "default.team-web"]) found(resources, name);
  });
});
