import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { policyRules } from "../../config/schema/policy";
import type { Fields } from "../../policy/object";
import { deployment, found } from "./objects";

describe("rules of the policy", () => {
  it("find nothing at an application that keeps to them, and nothing at other objects", () => {
    for (const rule of policyRules) {
      assert.deepEqual(found(rule, deployment()), [], rule);
      assert.deepEqual(found(rule, { kind: "ConfigMap", metadata: { name: "c" }, data: { image: "a" } }), [], rule);
      // What is not known yet, and what is not as Kubernetes has it, is no finding and no failure.
      assert.deepEqual(found(rule, { kind: "Deployment", metadata: undefined, spec: "[known after up]" }), [], rule);
      assert.deepEqual(found(rule, { kind: "Ingress", spec: { tls: "x", rules: null } }).length < 2, true, rule);
    }
  });

  it("never fail, whatever an object has in it", () => {
    const kind = fc.constantFrom(
      "Deployment",
      "Ingress",
      "Certificate",
      "PodDisruptionBudget",
      "Service",
      "Pod",
      "CronJob",
    );
    const pod = fc.record({ containers: fc.jsonValue(), initContainers: fc.jsonValue(), volumes: fc.jsonValue() });
    const template = fc.record({ metadata: fc.jsonValue(), spec: fc.oneof(pod, fc.jsonValue()) });
    const parts = fc.record({
      replicas: fc.constant(2),
      template,
      tls: fc.jsonValue(),
      rules: fc.jsonValue(),
      selector: fc.jsonValue(),
    });
    const manifest = fc.record({ kind, metadata: fc.jsonValue(), spec: fc.oneof(parts, fc.jsonValue()) });
    fc.assert(
      fc.property(manifest, manifest, (one, other) => {
        for (const rule of policyRules) assert.ok(Array.isArray(found(rule, one, other)));
      }),
      { numRuns: 300 },
    );
  });

  it("image-pinned", () => {
    const of = (image: unknown, more: Fields = {}) => found("image-pinned", deployment(more, { image }));
    assert.deepEqual(of("shop"), ["container web runs shop"]);
    assert.deepEqual(of("registry.example.org:5000/shop"), ["container web runs registry.example.org:5000/shop"]);
    assert.deepEqual(of("shop:latest"), ["container web runs shop:latest"]);
    assert.deepEqual(of(`shop@sha256:${"a".repeat(64)}`), []);
    assert.deepEqual(of({ unknown: true }), []);
    assert.deepEqual(of("shop:1", { initContainers: [{ name: "init", image: "busybox" }] }), [
      "container init runs busybox",
    ]);
    const job = { spec: { template: { spec: { containers: [{ name: "job", image: "report" }] } } } };
    assert.deepEqual(found("image-pinned", { kind: "CronJob", spec: { jobTemplate: job } }), [
      "container job runs report",
    ]);
  });

  it("resource-requests", () => {
    const of = (resources: unknown) => found("resource-requests", deployment({}, { resources }));
    assert.deepEqual(of(undefined), ["container web requests no cpu and no memory"]);
    assert.deepEqual(of({ requests: { cpu: "1" } }), ["container web requests no memory"]);
    assert.deepEqual(of({ requests: { cpu: "1" }, limits: { memory: "1Gi" } }), [], "a limit is a request too");
    const ofPod = { resources: { requests: { cpu: "1", memory: "1Gi" } } };
    assert.deepEqual(found("resource-requests", deployment(ofPod, { resources: undefined })), []);
  });

  it("readiness-probe", () => {
    const lacking = ["answers requests, and no container has a readinessProbe"];
    const without = { readinessProbe: undefined };
    assert.deepEqual(found("readiness-probe", deployment({}, without)), lacking);
    const silent = deployment({}, { ...without, ports: [] });
    assert.deepEqual(found("readiness-probe", silent), [], "nobody asks it anything");
    const service = (selector: Fields, namespace = "shop") => ({
      kind: "Service",
      metadata: { name: "web", namespace },
      spec: { selector },
    });
    assert.deepEqual(found("readiness-probe", silent, service({ app: "web" })), lacking);
    assert.deepEqual(found("readiness-probe", silent, service({ app: "other" })), []);
    assert.deepEqual(found("readiness-probe", silent, service({ app: "web" }, "other")), []);
    assert.deepEqual(found("readiness-probe", { ...deployment({}, without), kind: "Job" }), []);
  });

  it("disruption-budget", () => {
    const two = deployment({}, {}, { replicas: 2 });
    const budget = (selector: Fields, namespace = "shop") => ({
      kind: "PodDisruptionBudget",
      metadata: { name: "web", namespace },
      spec: { maxUnavailable: 1, selector },
    });
    const lacking = ["has 2 replicas and no PodDisruptionBudget"];
    assert.deepEqual(found("disruption-budget", two), lacking);
    assert.deepEqual(found("disruption-budget", two, budget({ matchLabels: { app: "web" } })), []);
    assert.deepEqual(found("disruption-budget", two, budget({})), [], "an empty selector is for all pods");
    assert.deepEqual(found("disruption-budget", two, budget({ matchLabels: { app: "other" } })), lacking);
    assert.deepEqual(found("disruption-budget", two, budget({}, "other")), lacking);
    const among = (operator: string, values?: string[], key = "app") =>
      found("disruption-budget", two, budget({ matchExpressions: [{ key, operator, values }] }));
    assert.deepEqual(among("In", ["web", "api"]), []);
    assert.deepEqual(among("NotIn", ["web"]), lacking);
    assert.deepEqual(among("Exists"), []);
    assert.deepEqual(among("DoesNotExist", undefined, "tier"), []);
  });

  it("prestop-grace", () => {
    const of = (preStop: Fields, grace?: number) =>
      found("prestop-grace", deployment({ terminationGracePeriodSeconds: grace }, { lifecycle: { preStop } }));
    assert.deepEqual(of({ sleep: { seconds: 30 } }), [
      "container web sleeps 30 s in preStop, and the pod has 30 s to end",
    ]);
    assert.deepEqual(of({ sleep: { seconds: 10 } }), []);
    assert.deepEqual(of({ sleep: { seconds: 30 } }, 60), []);
    assert.equal(of({ exec: { command: ["/bin/sh", "-c", "nginx -s quit; sleep 20"] } }, 15).length, 1);
    assert.equal(of({ exec: { command: ["sleep", "20"] } }, 15).length, 1);
    assert.deepEqual(of({ exec: { command: ["/app/drain"] } }, 15), []);
  });

  it("privileged-pod", () => {
    const of = (pod: Fields, container: Fields = {}) => found("privileged-pod", deployment(pod, container));
    assert.deepEqual(of({ hostNetwork: true, hostPID: true }), ["has hostNetwork", "has hostPID"]);
    assert.deepEqual(
      of({
        volumes: [
          { name: "v", hostPath: { path: "/" } },
          { name: "e", emptyDir: {} },
        ],
      }),
      ["mounts / of the host"],
    );
    assert.deepEqual(of({}, { securityContext: { privileged: true } }), ["container web is privileged"]);
    const add = ["NET_BIND_SERVICE", "NET_ADMIN"];
    assert.deepEqual(of({}, { securityContext: { capabilities: { add } } }), [
      "container web has the capabilities NET_ADMIN",
    ]);
    assert.deepEqual(of({}, { ports: [{ containerPort: 80, hostPort: 80 }] }), [
      "container web takes port 80 of the host",
    ]);
    const init = { name: "init", securityContext: { privileged: true } };
    assert.deepEqual(of({ initContainers: [init] }), ["container init is privileged"]);
  });

  it("ingress-tls", () => {
    const of = (spec: Fields) => found("ingress-tls", { kind: "Ingress", metadata: { name: "web" }, spec });
    const rules = [{ host: "shop.example.org" }, { host: "www.example.org" }];
    assert.deepEqual(of({ rules }), ["serves shop.example.org without TLS", "serves www.example.org without TLS"]);
    assert.deepEqual(of({ rules, tls: [{ hosts: ["shop.example.org"] }] }), ["serves www.example.org without TLS"]);
    assert.deepEqual(of({ rules, tls: [{ hosts: ["*.example.org"] }] }), []);
    assert.deepEqual(of({ rules: [{ host: "a.b.example.org" }], tls: [{ hosts: ["*.example.org"] }] }).length, 1);
    assert.deepEqual(of({ rules, tls: [{ secretName: "own" }] }), []);
    assert.deepEqual(of({ rules: [{}] }), ["serves every host without TLS"]);
    assert.deepEqual(of({ defaultBackend: {} }), ["serves every host without TLS"]);
    assert.deepEqual(of({ rules: [{ host: { unknown: true } }] }), []);
  });

  it("staging-issuer", () => {
    const issuer = (name: string, server: string) => ({
      kind: "ClusterIssuer",
      metadata: { name },
      spec: { acme: { server } },
    });
    const staging = "https://acme-staging-v02.api.letsencrypt.org/directory";
    const certificate = (name: string) => ({ kind: "Certificate", metadata: {}, spec: { issuerRef: { name } } });
    const finding = (name: string) => [`takes its certificate from ${name}`];
    assert.deepEqual(found("staging-issuer", certificate("le"), issuer("le", staging)), finding("le"));
    const production = "https://acme-v02.api.letsencrypt.org/directory";
    assert.deepEqual(found("staging-issuer", certificate("old-staging"), issuer("old-staging", production)), []);
    assert.deepEqual(found("staging-issuer", certificate("letsencrypt-staging")), finding("letsencrypt-staging"));
    assert.deepEqual(found("staging-issuer", certificate("letsencrypt")), []);
    const annotations = { "cert-manager.io/cluster-issuer": "le" };
    const ingress = { kind: "Ingress", metadata: { annotations }, spec: {} };
    assert.deepEqual(found("staging-issuer", ingress, issuer("le", staging)), finding("le"));
    assert.deepEqual(found("staging-issuer", issuer("le", staging)), [], "an issuer that nothing uses does no harm");
  });
});
