import * as assert from "node:assert/strict";
import { parse } from "yaml";
import type { DesiredObject } from "../../addons/resources";
import { resourcesOf } from "../../addons/resources";
import { traefikChartOf } from "../../addons/traefik/charts";
import { desiredCluster } from "../../desired/cluster";
import { errors, node, settingsFrom, stack, warnings } from "../config/fixtures";

const TAINT = "node-role.kubernetes.io/control-plane:NoSchedule";
const nodes = [
  node("s1", { role: "server", address: "10.0.0.11", taints: [TAINT] }),
  node("a1", { address: "10.0.0.21" }),
];

const raw = (ingress: object, more: object = {}): Record<string, unknown> => ({ nodes, ingress, ...more });

function desired(ingress: object, more: object = {}): ReturnType<typeof desiredCluster> {
  return desiredCluster(settingsFrom(raw({ controller: "traefik", ...ingress }, more)), "p");
}

function objects(ingress: object, more: object = {}): DesiredObject[] {
  return resourcesOf(desired(ingress, more).groups).flatMap((each) => (each.is === "object" ? [each] : []));
}

/** The values that k3s's Traefik is given. */
function values(ingress: object, more: object = {}): Record<string, unknown> {
  const [config, ...others] = objects(ingress, more).filter(({ kind }) => kind === "HelmChartConfig");
  assert.deepEqual(others, []);
  assert.deepEqual(config?.fields["metadata"], { name: "traefik", namespace: "kube-system" });
  const { valuesContent } = config?.fields["spec"] as { valuesContent: string };
  return parse(valuesContent) as Record<string, unknown>;
}

const problem = (ingress: object, more: object = {}): string[] =>
  errors(stack(raw({ controller: "traefik", ...ingress }, more)));

describe("k3s's Traefik as the ingress controller", () => {
  it("is set by a HelmChartConfig, and k3s leaves nothing out", () => {
    assert.deepEqual(values({}), {
      deployment: { kind: "Deployment", replicas: 1 },
      service: { spec: { type: "LoadBalancer", externalTrafficPolicy: "Local" } },
      ingressClass: { name: "traefik" },
      providers: {},
    });
    assert.deepEqual(errors(stack(raw({ controller: "traefik" }))), []);
    assert.deepEqual(warnings(stack(raw({ controller: "traefik" }))), []);
  });

  it("is not touched by a stack that has not chosen it", () => {
    assert.deepEqual(
      objects({ controller: "none" }).filter(({ kind }) => kind === "HelmChartConfig"),
      [],
    );
  });

  it("has the names of the chart that the k3s brings", () => {
    const k3s = { version: "v1.35.4+k3s1" };
    const ingress = { serviceType: "NodePort", nodePorts: { http: 30080 }, nginxAnnotations: true };
    const older = values(ingress, { k3s });
    assert.deepEqual(older["service"], { type: "NodePort", spec: { externalTrafficPolicy: "Local" } });
    assert.deepEqual(Object.keys(older["providers"] as object), ["kubernetesIngressNginx"]);
    const newer = values(ingress);
    assert.deepEqual(newer["service"], { spec: { type: "NodePort", externalTrafficPolicy: "Local" } });
    assert.deepEqual(newer["providers"], {
      kubernetesIngressNGINX: { enabled: true, publishService: { enabled: true } },
    });
    assert.deepEqual(newer["ports"], { web: { nodePort: 30080 } });
  });

  it("knows the chart of every k3s since spring 2026", () => {
    const of = (text: string): (number | undefined)[] => text.split(" ").map((version) => traefikChartOf(version));
    assert.deepEqual(of("v1.33.13+k3s2 v1.34.10+k3s1 v1.35.7+k3s1 v1.36.4+k3s1 v1.37.0+k3s1"), [40, 40, 40, 40, 40]);
    assert.deepEqual(of("v1.33.13+k3s1 v1.34.9+k3s1 v1.35.6+k3s1 v1.36.0+k3s1"), [39, 39, 39, 39]);
    assert.deepEqual(of("v1.35.1+k3s1 v1.32.9+k3s1 v1.30.0+k3s1"), [undefined, undefined, undefined]);
  });

  it("goes by the newest server's k3s", () => {
    const mixed = [
      node("s1", { role: "server", address: "10.0.0.11", k3sVersion: "v1.35.7+k3s1" }),
      node("s2", { role: "server", address: "10.0.0.12", k3sVersion: "v1.35.4+k3s1" }),
      node("s3", { role: "server", address: "10.0.0.13", k3sVersion: "v1.35.4+k3s1" }),
    ];
    const { service } = values({}, { nodes: mixed, k3s: { version: "v1.35.4+k3s1" } });
    assert.deepEqual(service, { spec: { type: "LoadBalancer", externalTrafficPolicy: "Local" } });
  });

  it("listens on the nodes' own ports, one pod after another", () => {
    const { ports, updateStrategy } = values({ kind: "DaemonSet", hostPorts: true, serviceType: "ClusterIP" });
    assert.deepEqual(ports, { web: { hostPort: 80 }, websecure: { hostPort: 443 } });
    assert.deepEqual(updateStrategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } });
  });

  it("is found where it answers: tainted servers are, for k3s lets it run there", () => {
    const hostPorts = { kind: "DaemonSet", hostPorts: true, serviceType: "ClusterIP" };
    assert.equal(desired(hostPorts).outputs.ingress, "ports 80 and 443 of 10.0.0.11, 10.0.0.21");
    const { text, shownBy } = desired({}).entry ?? {};
    assert.equal(text, "kubectl get service -n kube-system traefik");
    assert.deepEqual(shownBy, { is: "service", namespace: "kube-system", name: "traefik" });
    assert.equal(
      desired({ serviceType: "NodePort", nodePorts: { http: 30080, https: 30443 } }).outputs.ingress,
      "ports 30080 and 30443 of those nodes among 10.0.0.11, 10.0.0.21 that run a controller: kubectl get pods -n kube-system -l app.kubernetes.io/name=traefik -o wide",
    );
  });

  it("keeps k3s's own tolerations beside the stack's", () => {
    const tolerations = [{ key: "edge", operator: "Exists" }];
    assert.deepEqual(
      (values({ tolerations })["tolerations"] as { key: string }[]).map(({ key }) => key),
      ["CriticalAddonsOnly", "node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master", "edge"],
    );
  });

  it("answers the issuers' HTTP-01 and is let into namespaces that deny by default", () => {
    const issuers = { le: { type: "acme-http01", server: "staging" } };
    const certificates = { certManager: true, email: "ops@groundwork.dev" };
    const namespaces = { shop: { defaultDeny: true } };
    const made = objects({}, { issuers, certificates, namespaces });
    const issuer = made.find(({ kind }) => kind === "ClusterIssuer");
    assert.match(JSON.stringify(issuer?.fields), /"http01":\{"ingress":\{"ingressClassName":"traefik"\}\}/);
    const policy = made.find(({ name }) => name === "shop-allow-ingress-controller");
    assert.match(JSON.stringify(policy?.fields), /"kube-system".*"app.kubernetes.io\/name":"traefik"/);
    assert.deepEqual(problem({}, { issuers, certificates, namespaces }), []);
  });

  it("serves ingress-nginx's class where that is asked for", () => {
    const [made] = objects({ nginxAnnotations: true }).filter(({ kind }) => kind === "IngressClass");
    assert.deepEqual(made?.fields, { metadata: { name: "nginx" }, spec: { controller: "k8s.io/ingress-nginx" } });
  });

  it("is nothing for a cluster without it", () => {
    assert.deepEqual(problem({}, { k3s: { disable: ["traefik"] } }), [
      "k3s.disable: names traefik, and ingress.controller asks for the Traefik that k3s brings; take traefik out of it",
    ]);
    assert.deepEqual(problem({}, { k3s: { version: "v1.32.9+k3s1" } }), [
      "k3s.version: v1.32.9+k3s1 brings an older Traefik than ingress.controller can set: its chart has other names for the values; write v1.33.11+k3s1 or newer, or controller: ingress-nginx",
    ]);
    assert.deepEqual(problem({}, { k3s: { server: { "disable-helm-controller": true } } }), [
      "k3s.server.disable-helm-controller: is true, and ingress.controller asks for the Traefik that k3s installs by it; take it out",
    ]);
  });

  it("takes no settings of ingress-nginx", () => {
    assert.deepEqual(
      problem({ version: "4.15.1", config: { "use-http2": "true" }, values: { controller: { kind: "DaemonSet" } } }),
      [
        "ingress.version: has no effect with controller: traefik; take it out: k3s brings the chart",
        "ingress.config: has no effect with controller: traefik; write what is meant in ingress.values, in the names of Traefik's chart; see docs/ingress.md",
        "ingress.values.controller: has no effect with controller: traefik; take it out: values are those of Traefik's chart now",
      ],
    );
  });

  it("has in one place what a setting decides", () => {
    const providers = { kubernetesIngressNginx: { enabled: true } };
    assert.deepEqual(problem({ values: { deployment: { kind: "DaemonSet" }, providers } }), [
      "ingress.values.deployment.kind: is decided by ingress.kind; write ingress.kind and leave it out of values",
      "ingress.values.providers.kubernetesIngressNginx.enabled: is decided by ingress.nginxAnnotations; write ingress.nginxAnnotations and leave it out of values",
      "ingress.values.providers.kubernetesIngressNginx: is no name of the chart that this k3s brings; write kubernetesIngressNGINX",
    ]);
    const config =
      "apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: { name: traefik, namespace: kube-system }\n";
    assert.deepEqual(problem({}, { k3s: { manifests: { own: config } } }), [
      "k3s.manifests.own: has the HelmChartConfig of Traefik, which ingress.controller writes; move its values to ingress.values, and take it out",
    ]);
  });
});

describe("the Gateway of k3s's Traefik", () => {
  const listeners = { shop: { hostname: "shop.example.org" }, all: { hostname: "*.example.org", secret: "wild" } };
  const issuers = { le: { type: "acme-http01", server: "staging" } };
  const certificates = { certManager: true, email: "ops@groundwork.dev" };

  it("has a listener for HTTP and one for each certificate, and Ingresses are not read", () => {
    const given = values({ controller: "gateway", gateway: { issuer: "le", listeners } }, { issuers, certificates });
    assert.deepEqual(given["providers"], {
      kubernetesIngress: { enabled: false },
      kubernetesGateway: { enabled: true },
    });
    const namespacePolicy = { from: "All" };
    const https = { port: 8443, protocol: "HTTPS", namespacePolicy };
    assert.deepEqual(given["gateway"], {
      annotations: { "cert-manager.io/cluster-issuer": "le" },
      listeners: {
        web: { port: 8000, protocol: "HTTP", namespacePolicy },
        shop: { ...https, hostname: "shop.example.org", certificateRefs: [{ kind: "Secret", name: "shop-tls" }] },
        all: { ...https, hostname: "*.example.org", certificateRefs: [{ kind: "Secret", name: "wild" }] },
      },
    });
  });

  it("answers the issuers' HTTP-01", () => {
    const groups = desired({ controller: "gateway" }, { issuers, certificates }).groups;
    const all = resourcesOf(groups);
    const issuer = all.find((each) => each.is === "object" && each.kind === "ClusterIssuer");
    assert.match(
      JSON.stringify(issuer),
      /"gatewayHTTPRoute":\{"parentRefs":\[\{"name":"traefik-gateway","namespace":"kube-system","sectionName":"web","kind":"Gateway"\}\]\}/,
    );
    const release = all.find((each) => each.is === "release" && each.name === "cert-manager");
    assert.match(JSON.stringify(release), /"enableGatewayAPI":true/);
    assert.deepEqual(problem({ controller: "gateway" }, { issuers, certificates }), []);
  });

  it("is not a way for proofs through an Ingress", () => {
    const own = { le: { type: "acme", server: "staging", solvers: [{ type: "http01" }] } };
    assert.deepEqual(problem({ controller: "gateway" }, { issuers: own, certificates }), [
      "issuers.le.solvers[0].type: http01 is answered through an Ingress, and with ingress.controller: gateway nobody answers Ingresses; write type: http01-gateway with parentRefs: [{ name: traefik-gateway, namespace: kube-system }], or an issuer of type acme-http01, which does the same",
    ]);
  });

  it("has listeners that are told apart, and an issuer that is there", () => {
    const twice = {
      web: { hostname: "a.example.org" },
      one: { hostname: "b.example.org" },
      two: { hostname: "b.example.org" },
    };
    assert.deepEqual(problem({ controller: "gateway", className: "x", gateway: { issuer: "le", listeners: twice } }), [
      "ingress.className: has no effect with controller: gateway; take it out: routes name the Gateway traefik-gateway in kube-system",
      "ingress.gateway.listeners.web: is the name of the listener for HTTP; write another name",
      "ingress.gateway.listeners.two.hostname: b.example.org is that of one too; give each name one listener",
      "ingress.gateway.issuer: 'le' is not an issuer; write it in issuers too",
    ]);
    assert.deepEqual(problem({ gateway: { listeners } }), [
      "ingress.gateway: has no effect with controller: traefik; write controller: gateway, or take it out",
    ]);
  });
});

describe("Traefik beside ingress-nginx", () => {
  const beside = { controller: "ingress-nginx", version: "9.9.9", beside: { http: 30080, https: 30443 } };

  it("serves the same Ingresses on ports of its own, and keeps the class for later", () => {
    assert.deepEqual(values(beside), {
      ports: { web: { nodePort: 30080 }, websecure: { nodePort: 30443 } },
      service: { spec: { type: "NodePort", externalTrafficPolicy: "Cluster" } },
      ingressClass: { isDefaultClass: false },
      providers: { kubernetesIngressNGINX: { enabled: true } },
    });
    const { groups } = desired(beside);
    const release = resourcesOf(groups).find((each) => each.is === "release");
    assert.match(
      JSON.stringify(release),
      /"ingressClassResource":\{"name":"nginx","annotations":\{"helm.sh\/resource-policy":"keep"\}\}/,
    );
    assert.deepEqual([problem(beside), warnings(stack(raw(beside)))], [[], []]);
  });

  it("takes ports that are free", () => {
    assert.deepEqual(problem({ ...beside, beside: { http: 80, https: 80 } }, { k3s: { disable: ["traefik"] } }), [
      "ingress.beside.http: 80 is outside network.nodePortRange 30000-32767; write a port inside it, or widen the range",
      "ingress.beside.https: 80 is outside network.nodePortRange 30000-32767; write a port inside it, or widen the range",
      "ingress.beside.https: 80 is ingress.beside.http too; write another port",
      "k3s.disable: names traefik, and ingress.beside asks for the Traefik that k3s brings; take traefik out of it",
    ]);
  });
});
