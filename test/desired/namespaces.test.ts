import * as assert from "node:assert/strict";
import { desiredOf, find } from "../program";
import { build, type BuiltResource } from "../components/inCluster";

const shop = {
  labels: { team: "shop" },
  podSecurity: "restricted",
  quota: { "requests.cpu": 4, "requests.memory": "8Gi", pods: 40 },
  limits: { default: { cpu: "500m" }, defaultRequest: { cpu: "50m" } },
  defaultDeny: true,
};

async function built(
  raw: Record<string, unknown>,
  { protect = false, ...given }: { readonly protect?: boolean; readonly preview?: boolean } = {},
): Promise<BuiltResource[]> {
  const { groups } = desiredOf({ namespaces: raw, cluster: { protect }, k3s: { disable: ["traefik"] } });
  return build(
    groups.filter((group) => group.name === "namespaces"),
    given,
  );
}

const NAMESPACE = "kubernetes:core/v1:Namespace";

describe("Namespaces", () => {
  it("makes nothing but a namespace at the baseline level by default", async () => {
    const resources = await built({ web: {} });
    assert.deepEqual(
      resources.map((one) => one.type),
      ["groundwork:namespaces:Namespaces", NAMESPACE],
    );
    assert.deepEqual(find(resources, "web").inputs["metadata"], {
      name: "web",
      labels: {
        "pod-security.kubernetes.io/enforce": "baseline",
        "pod-security.kubernetes.io/warn": "baseline",
        "pod-security.kubernetes.io/audit": "baseline",
      },
    });
  });

  it("writes quantities as strings, limits for containers, and labels over the Pod Security level", async () => {
    const resources = await built({ shop });
    const labels = find(resources, "shop", NAMESPACE).inputs["metadata"] as { labels: Record<string, string> };
    assert.equal(labels.labels["pod-security.kubernetes.io/enforce"], "restricted");
    assert.equal(labels.labels["team"], "shop");
    assert.deepEqual(find(resources, "shop-quota").inputs["spec"], {
      hard: { "requests.cpu": "4", "requests.memory": "8Gi", pods: "40" },
    });
    assert.deepEqual(find(resources, "shop-limits").inputs["spec"], {
      limits: [{ type: "Container", default: { cpu: "500m" }, defaultRequest: { cpu: "50m" } }],
    });
  });

  it("denies by default but for DNS, the namespace itself and HTTP-01 challenges", async () => {
    const policies = (await built({ shop })).filter((one) => one.type.endsWith(":NetworkPolicy"));
    assert.deepEqual(
      policies.map((one) => one.name),
      ["shop-allow-acme-http01", "shop-allow-dns", "shop-allow-same-namespace", "shop-default-deny"],
    );
    const [acme, dns, inside, deny] = policies.map((one) => one.inputs["spec"]);
    assert.deepEqual(deny, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    assert.deepEqual(dns, {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
              podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
            },
          ],
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
      ],
    });
    assert.deepEqual(inside, {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ podSelector: {} }] }],
      egress: [{ to: [{ podSelector: {} }] }],
    });
    assert.deepEqual(acme, {
      podSelector: { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } },
      policyTypes: ["Ingress"],
      ingress: [{ ports: [{ protocol: "TCP", port: 8089 }] }],
    });
  });

  it("lets in what an ingress controller passes on where it denies by default, as long as that is not closed", async () => {
    const letsIn = (ingress: object, disable: string[], more: object = {}): unknown => {
      const { groups } = desiredOf({ namespaces: { shop: { ...shop, ...more } }, ingress, k3s: { disable } });
      const policy = groups
        .flatMap(({ resources }) => resources)
        .find(({ name }) => name === "shop-allow-ingress-controller");
      return policy?.is === "object" ? policy.fields["spec"] : undefined;
    };
    const from = (namespace: string, podSelector?: object): object => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      ...(podSelector === undefined ? {} : { podSelector }),
    });
    const policy = (...peers: object[]): object => ({
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [{ from: peers }],
    });
    const nginx = { controller: "ingress-nginx" };
    const traefik = from("kube-system", { matchLabels: { "app.kubernetes.io/name": "traefik" } });
    assert.deepEqual(letsIn(nginx, ["traefik"]), policy(from("ingress-nginx")));
    assert.deepEqual(letsIn({}, []), policy(traefik));
    assert.deepEqual(letsIn({ ...nginx, serviceType: "NodePort" }, []), policy(from("ingress-nginx"), traefik));
    assert.equal(letsIn({}, ["traefik"]), undefined);
    assert.equal(letsIn(nginx, ["traefik"], { allowIngressController: false }), undefined);
    assert.equal(letsIn(nginx, ["traefik"], { defaultDeny: false }), undefined);
  });

  it("goes with the cluster, and is protected where the stack protects its data", async () => {
    const open = find(await built({ web: {} }), "web", NAMESPACE) as BuiltResource;
    assert.equal(open.options.deletedWith, "first-server");
    assert.equal(open.options.provider, "k8s");
    assert.equal(open.options.protect, false);
    const guarded = find(await built({ web: {} }, { protect: true }), "web", NAMESPACE) as BuiltResource;
    assert.equal(guarded.options.protect, true);
  });

  it("only labels the namespaces that Kubernetes makes itself", async () => {
    const resources = await built({ default: { quota: { pods: 10 } } }, { protect: true });
    const patch = find(resources, "default", "kubernetes:core/v1:NamespacePatch") as BuiltResource;
    assert.equal(patch.options.protect, false);
    assert.ok(find(resources, "default-quota"));
  });

  it("keeps every name when a namespace is added in the middle", async () => {
    const names = (resources: BuiltResource[]): string[] => resources.map((one) => `${one.type} ${one.name}`);
    const before = names(await built({ a: shop, c: shop }));
    const after = names(await built({ a: shop, b: shop, c: shop }));
    assert.deepEqual(
      after.filter((name) => before.includes(name)),
      before,
    );
  });

  it("plans the same in a preview", async () => {
    const inputs = (resources: BuiltResource[]): unknown => resources.map(({ name, inputs }) => ({ name, inputs }));
    assert.deepEqual(inputs(await built({ shop }, { preview: true })), inputs(await built({ shop })));
  });
});
