import * as assert from "node:assert/strict";
import { problemLine } from "../../config/problem";
import type { ClusterFacts } from "../../workloads/objects/facts";
import type { WorkloadObject } from "../../workloads/objects/text";
import { readWebApp, webAppObjects, webAppUrls, type WebAppSettings } from "../../workloads/objects/webApp";
import { objectOf, podOf, web, type Loose } from "./arguments";

const FACTS: ClusterFacts = { ingressClass: "nginx", issuers: ["internal", "letsencrypt"], kubernetes: "1.34" };

function objects(more: Partial<WebAppSettings> = {}, facts = FACTS): WorkloadObject[] {
  const { app, problems } = readWebApp("shop", { ...web, ...more }, facts);
  assert.deepEqual(problems.map(problemLine), []);
  return webAppObjects("shop", app, facts, "shop-env-1");
}

function problems(more: object, facts = FACTS): string[] {
  return readWebApp("shop", { ...web, ...more }, facts).problems.map(problemLine);
}

describe("a web application", () => {
  it("is a Deployment of two, a Service and a budget, under one name", () => {
    const all = objects();
    assert.deepEqual(
      all.map(({ kind, metadata }) => [kind, metadata["name"], metadata["namespace"]]),
      ["Deployment", "Service", "PodDisruptionBudget"].map((kind) => [kind, "shop", "shop"]),
    );
    const { spec } = objectOf(all, "Deployment");
    assert.equal(spec.replicas, 2);
    assert.deepEqual(spec.strategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
  });

  it("selects its pods by a label that nothing changes", () => {
    const all = objects({ labels: { "app.kubernetes.io/name": "other", team: "a" } });
    const name = { "app.kubernetes.io/name": "shop" };
    const { spec } = objectOf(all, "Deployment");
    assert.deepEqual(spec.selector.matchLabels, name);
    assert.deepEqual(spec.template.metadata.labels, { team: "a", ...name });
    assert.deepEqual(objectOf(all, "Service").spec.selector, name);
    assert.deepEqual(objectOf(all, "PodDisruptionBudget").spec.selector.matchLabels, name);
  });

  it("keeps going by default", () => {
    const spec = podOf(objects());
    assert.deepEqual(
      spec.tolerations.map((each: Loose) => [each.key, each.effect, each.tolerationSeconds]),
      [
        ["node.kubernetes.io/not-ready", "NoExecute", 30],
        ["node.kubernetes.io/unreachable", "NoExecute", 30],
      ],
    );
    const [spread] = spec.topologySpreadConstraints;
    assert.deepEqual(
      [spread.maxSkew, spread.topologyKey, spread.whenUnsatisfiable],
      [1, "kubernetes.io/hostname", "ScheduleAnyway"],
    );
    const [container] = spec.containers;
    assert.deepEqual(container.lifecycle, { preStop: { sleep: { seconds: 5 } } });
    assert.equal(spec.terminationGracePeriodSeconds, 30);
    assert.deepEqual(container.resources, { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "256Mi" } });
    assert.deepEqual(container.readinessProbe.httpGet, { path: "/healthz", port: "http" });
    assert.equal(container.livenessProbe, undefined);
  });

  it("is what Pod Security calls restricted, without a token", () => {
    const spec = podOf(objects());
    assert.equal(spec.automountServiceAccountToken, false);
    assert.deepEqual(spec.securityContext, { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    assert.deepEqual(spec.containers[0].securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: false,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("has each of it switched off", () => {
    const off = objects({
      failoverSeconds: false,
      spread: false,
      budget: false,
      probes: false,
      security: false,
      shutdown: { preStopSeconds: 0 },
      apiToken: true,
    });
    assert.deepEqual(
      off.map(({ kind }) => kind),
      ["Deployment", "Service"],
    );
    const spec = podOf(off);
    assert.deepEqual(Object.keys(spec), [
      "automountServiceAccountToken",
      "terminationGracePeriodSeconds",
      "containers",
    ]);
    assert.deepEqual(Object.keys(spec.containers[0]), ["name", "image", "ports", "resources"]);
  });

  it("has no budget and no spread for one replica, which would block every drain", () => {
    const one = objects({ replicas: 1 });
    assert.ok(one.every(({ kind }) => kind !== "PodDisruptionBudget"));
    assert.equal(podOf(one).topologySpreadConstraints, undefined);
  });

  it("keeps the user's tolerations beside its own", () => {
    const { tolerations } = podOf(objects({ tolerations: [{ key: "gpu", operator: "Exists" }] }));
    assert.deepEqual(
      tolerations.map(({ key }: { key: string }) => key),
      ["gpu", "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"],
    );
  });

  it("asks for its certificate with an object, in the words of the stack's own", () => {
    const all = objects({ ingress: { hosts: ["shop.example.org"], tls: { issuer: "letsencrypt" } } });
    const ingress = objectOf(all, "Ingress");
    assert.equal(ingress.spec.ingressClassName, "nginx");
    assert.deepEqual(ingress.spec.tls, [{ hosts: ["shop.example.org"], secretName: "shop-tls" }]);
    assert.deepEqual(ingress.metadata.annotations, { "pulumi.com/skipAwait": "true" });
    const { spec } = objectOf(all, "Certificate");
    assert.deepEqual(
      [spec.secretName, spec.issuerRef.name, spec.dnsNames, spec.duration, spec.renewBefore],
      ["shop-tls", "letsencrypt", ["shop.example.org"], "2160h", "360h"],
    );
    assert.deepEqual(spec.privateKey, { algorithm: "RSA", size: 4096, encoding: "PKCS1", rotationPolicy: "Always" });
  });

  it("asks for the same certificate with annotations", () => {
    const tls = { issuer: "internal", by: "annotation", certificate: { privateKey: { algorithm: "ECDSA" } } } as const;
    const all = objects({ ingress: { hosts: ["shop.example.org"], tls } });
    assert.ok(all.every(({ kind }) => kind !== "Certificate"));
    const { annotations } = objectOf(all, "Ingress").metadata;
    assert.equal(annotations["cert-manager.io/cluster-issuer"], "internal");
    assert.equal(annotations["cert-manager.io/duration"], "2160h");
    assert.equal(annotations["cert-manager.io/renew-before"], "360h");
    assert.equal(annotations["cert-manager.io/private-key-algorithm"], "ECDSA");
    assert.equal(annotations["cert-manager.io/private-key-size"], "256");
    assert.equal(annotations["cert-manager.io/usages"], "server auth,client auth");
  });

  it("takes a certificate that is there, and shows it to the process", () => {
    const all = objects({ ingress: { hosts: ["a.example.org"], tls: { secret: "wildcard", mountAt: "/etc/tls" } } });
    assert.ok(all.every(({ kind }) => kind !== "Certificate"));
    assert.equal(objectOf(all, "Ingress").spec.tls[0].secretName, "wildcard");
    const spec = podOf(all);
    assert.deepEqual(spec.volumes, [{ name: "mount-0", secret: { secretName: "wildcard" } }]);
    assert.deepEqual(spec.containers[0].volumeMounts, [{ name: "mount-0", mountPath: "/etc/tls", readOnly: true }]);
  });

  it("goes by a Gateway as well", () => {
    const hosts = ["shop.example.org"];
    const known = { gateway: "kube-system/traefik-gateway" };
    const { spec } = objectOf(objects({ route: { hosts, listener: "shop" } }, known), "HTTPRoute");
    assert.deepEqual(spec.parentRefs, [{ name: "traefik-gateway", namespace: "kube-system", sectionName: "shop" }]);
    assert.deepEqual(spec.rules[0].backendRefs, [{ name: "shop", port: 80 }]);
    const own = objectOf(objects({ route: { hosts, gateway: { name: "own" } } }, known), "HTTPRoute");
    assert.deepEqual(own.spec.parentRefs, [{ name: "own" }]);
  });

  it("is reached from outside by a Service with the client's address, which may stay with one pod", () => {
    const service = { type: "LoadBalancer", port: 443, sessionAffinitySeconds: 600 } as const;
    const { spec, metadata } = objectOf(objects({ service }), "Service");
    assert.equal(spec.externalTrafficPolicy, "Local");
    assert.deepEqual(spec.sessionAffinityConfig, { clientIP: { timeoutSeconds: 600 } });
    assert.equal(metadata.annotations, undefined, "its address is worth waiting for");
  });

  it("keeps secret variables out of the Deployment", () => {
    const all = objects({ env: { MODE: "live" }, secretEnv: { TOKEN: "CANARY" } });
    assert.deepEqual(podOf(all).containers[0].env, [
      { name: "MODE", value: "live" },
      { name: "TOKEN", valueFrom: { secretKeyRef: { name: "shop-env-1", key: "TOKEN" } } },
    ]);
    assert.ok(!JSON.stringify(all).includes("CANARY"));
  });

  it("says where its Ingress answers", () => {
    const urls = (tls: { secret: string } | false): string[] =>
      webAppUrls(readWebApp("shop", { ...web, ingress: { hosts: ["a.example.org"], path: "/x", tls } }, FACTS).app);
    assert.deepEqual([urls(false), urls({ secret: "s" })], [["http://a.example.org/x"], ["https://a.example.org/x"]]);
  });
});

describe("wrong arguments of a web application", () => {
  it("are all said at once, each by its name", () => {
    const given = {
      image: "nginx:latest",
      prot: 1,
      resources: { cpu: "lots" },
      probes: { readyness: {}, readiness: { path: "x", tcp: true } },
      ingress: { hosts: [], tls: {} },
      env: { "a b": "1" },
      failoverSeconds: "x",
      spread: "firm",
      security: { user: 0 },
      mounts: { "/etc": { secret: "a", claim: "b" } },
      service: { nodePort: 30_080 },
    };
    const said = readWebApp("Shop", given as never, {}).problems;
    assert.deepEqual(said.map(({ path }) => path).sort(), [
      ...['env["a b"]', "failoverSeconds", "image", "ingress.hosts", "ingress.tls", "mounts./etc", "name", "namespace"],
      ...["port", "probes.readiness", "probes.readiness.path", "probes.readyness", "prot", "resources.cpu"],
      ...["resources.memory", "security.user", "service.nodePort", "spread"],
    ]);
    for (const { path, problem, remedy } of said) assert.ok(problem !== "" && remedy !== "", path);
    assert.ok(said.map(problemLine).includes("prot: is not an argument; did you mean port?"));
  });

  it("are what is missing, with what to write", () => {
    assert.deepEqual(readWebApp("shop", {} as never, {}).problems.map(problemLine), [
      "namespace: is missing; write the namespace that its objects are in",
      "image: is missing; write the image with its tag: registry.example.org/shop:1.4.2",
      'resources: is missing; write { cpu: "100m", memory: "256Mi" }',
      "port: is missing; write the port that the process listens on",
      'probes: is missing; write { readiness: { path: "/healthz" } }, or false if nothing can tell whether it works',
    ]);
  });

  for (const [image, isPinned] of [
    ["registry.example.org/shop:1.4.2", true],
    ["registry.example.org:5000/shop", false],
    ["registry.example.org:5000/shop:v1", true],
    ["shop:latest", false],
    ["shop:latest-alpine", true],
    ["shop", false],
    [`shop@sha256:${"a".repeat(64)}`, true],
    ["shop@sha256:abc", false],
    ["a shop:1", false],
  ] as const) {
    it(`${isPinned ? "are not" : "are"} an image like ${image.slice(0, 40)}`, () => {
      assert.equal(problems({ image }).length, isPinned ? 0 : 1);
    });
  }

  for (const [what, given, expected, facts] of [
    ["a pause as long as the time to end", { shutdown: { preStopSeconds: 30 } }, "shutdown.preStopSeconds: is 30,"],
    ["sleep before 1.30", {}, "shutdown.preStopSeconds: needs Kubernetes 1.30", { kubernetes: "1.29" }],
    [
      "a limit below the request",
      { resources: { cpu: "1", memory: "1Gi", memoryLimit: "512Mi" } },
      "resources.memoryLimit",
    ],
    ["a variable in two places", { env: { A: "1" }, secretEnv: { A: "2" } }, "secretEnv.A: stands under env, too"],
    [
      "two ways in",
      { ingress: { hosts: ["a.b"], tls: false }, route: { hosts: ["a.b"], gateway: { name: "g" } } },
      "route: ",
    ],
    [
      "an issuer that is not there",
      { ingress: { hosts: ["a.b"], tls: { issuer: "lets" } } },
      'ingress.tls.issuer: "lets" is not',
    ],
    [
      "no class",
      { ingress: { hosts: ["a.b"], tls: false } },
      "ingress.className: is missing, and the stack has no",
      { ingressClass: "" },
    ],
    [
      "an Ingress for a Gateway",
      { ingress: { hosts: ["a.b"], tls: false } },
      "ingress.className: is missing, and the stack has a Gateway; write route in place of ingress",
      { ingressClass: "", gateway: "kube-system/traefik-gateway" },
    ],
    ["no Gateway", { route: { hosts: ["a.b"] } }, "route.gateway: is missing, and the stack has no", { gateway: "" }],
    ["an unknown Gateway", { route: { hosts: ["a.b"] } }, "route.gateway: is missing, and the stack's", {}],
    [
      "an unknown class",
      { ingress: { hosts: ["a.b"], tls: false } },
      "ingress.className: is missing, and the stack's",
      {},
    ],
    ["a traffic policy within", { service: { externalTrafficPolicy: "Local" } }, "service.externalTrafficPolicy"],
    ["a port for a command", { probes: { readiness: { command: ["a"], port: 1 } } }, "probes.readiness.port"],
    ["a toleration of nothing", { tolerations: [{ value: "x" }] }, "tolerations[0]: has no key"],
    [
      "a place that is taken",
      { mounts: { "/t": { scratch: true } }, ingress: { hosts: ["a.b"], tls: { secret: "s", mountAt: "/t" } } },
      "ingress.tls.mountAt",
    ],
    [
      "an annotation without an issuer",
      { ingress: { hosts: ["a.b"], tls: { secret: "s", by: "annotation" } } },
      "ingress.tls.issuer: is missing",
    ],
  ] as readonly (readonly [string, object, string, ClusterFacts?])[]) {
    it(`are ${what}`, () => {
      const said = problems(given, facts ?? FACTS);
      assert.equal(said.length, 1, said.join("\n"));
      assert.ok(said[0]?.startsWith(expected), said[0]);
    });
  }

  it("never show a secret", () => {
    const said = problems({ secretEnv: { "BAD NAME": "CANARY", NUMBER: 5 } });
    assert.equal(said.length, 2);
    assert.ok(!said.join().includes("CANARY"));
  });
});
