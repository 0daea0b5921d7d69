import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { errors, stack, warnings } from "../fixtures";

const shop = (settings: object): Record<string, unknown> => stack({ namespaces: { shop: settings } });

describe("pull secrets of a namespace", () => {
  const hub = (more: object): Record<string, unknown> =>
    shop({ pullSecrets: { hub: { registry: "docker.io", username: "robot", password: Secret.of("p"), ...more } } });

  it("have a password, which is a secret", () => {
    const command = "pulumi config set --secret --path 'groundwork:namespaces.shop.pullSecrets.hub.password'";
    assert.deepEqual(errors(hub({})), []);
    assert.deepEqual(errors(hub({ password: Secret.sealed() })), []);
    const unset = `namespaces.shop.pullSecrets.hub.password: is not set; set it with: ${command}`;
    assert.deepEqual(errors(hub({ password: undefined })), [unset]);
    assert.ok(warnings(hub({ password: undefined }), "warning").includes(unset));
    assert.deepEqual(errors(hub({ password: Secret.of("") })), [
      `namespaces.shop.pullSecrets.hub.password: is empty; set it with: ${command}`,
    ]);
    assert.match(errors(hub({ password: "open" })).join("\n"), /^namespaces\.shop\.pullSecrets\.hub\.password: /);
  });

  it("name a registry as an image's name does", () => {
    for (const registry of ["docker.io", "registry.example.org:5000/shop/web", "*.example.org", "192.0.2.7:5000"]) {
      assert.deepEqual(errors(hub({ registry })), [], registry);
    }
    for (const registry of ["https://registry.example.org", "Registry", "registry.example.org:port", "a b"]) {
      assert.deepEqual(errors(hub({ registry })), [
        `namespaces.shop.pullSecrets.hub.registry: "${registry}" is not a registry; write its host as it stands in an image's name, e.g. registry.example.org:5000, or docker.io`,
      ]);
    }
  });
});

describe("a team's access to a namespace", () => {
  const web = (access: object): string[] => errors(shop({ access: { web: access } }));

  it("is a role of Kubernetes, rules, or both", () => {
    assert.deepEqual(web({ role: "view" }), []);
    assert.deepEqual(web({ role: "view", rules: [{ resources: ["pods/exec"], verbs: ["create"] }] }), []);
    assert.deepEqual(web({ rules: [{ apiGroups: ["apps"], resources: ["*"], verbs: ["*"] }] }), []);
    assert.deepEqual(web({}), [
      "namespaces.shop.access.web: gives no rights; write role: view, edit or admin, or rules of your own",
    ]);
    assert.match(web({ role: "cluster-admin" }).join("\n"), /^namespaces\.shop\.access\.web\.role: /);
    assert.match(errors(shop({ access: { "Web Team": { role: "view" } } })).join("\n"), /is not a DNS label/);
  });

  it("has rules in Kubernetes's words, about what is in a namespace", () => {
    assert.deepEqual(web({ rules: [{ apiGroups: ["apps/v1"], resources: ["Deployment"], verbs: ["Get"] }] }), [
      'namespaces.shop.access.web.rules[0].apiGroups[0]: "apps/v1" is not an API group; write it without a version, e.g. apps; "" is that of pods and services',
      'namespaces.shop.access.web.rules[0].resources[0]: "Deployment" is not a resource; write its plural in lower case, as kubectl api-resources shows it, e.g. pods or pods/log',
      'namespaces.shop.access.web.rules[0].verbs[0]: "Get" is not a verb; write one like get, list, watch, create or delete',
    ]);
    assert.deepEqual(web({ rules: [{ resources: ["pods", "nodes"], verbs: ["list"] }] }), [
      "namespaces.shop.access.web.rules[0].resources[1]: nodes are in no namespace, so this gives no right to them; take it out; a ClusterRoleBinding of your own gives rights to it",
    ]);
  });
});
