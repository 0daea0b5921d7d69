import * as assert from "node:assert/strict";
import { migrationText } from "../../../cli/runIngress";
import { losers, migrated, type KubeIngress, type KubeIngressClass } from "../../../operate/ingress/migration";
import { nextSteps } from "../../../operate/ingress/steps";
import { settingsOf } from "../../program";

const N = "nginx.ingress.kubernetes.io";
const classes: KubeIngressClass[] = [
  { metadata: { name: "nginx" }, spec: { controller: "k8s.io/ingress-nginx" } },
  { metadata: { name: "traefik" }, spec: { controller: "traefik.io/ingress-controller" } },
];

function ingress(
  name: string,
  annotations: Record<string, string> = {},
  ingressClassName: string | undefined = "nginx",
): KubeIngress {
  return {
    metadata: { name, namespace: "shop", annotations },
    spec: { ...(ingressClassName === "" ? {} : { ingressClassName }), rules: [{ host: `${name}.example.org` }] },
  };
}

const becomes = (annotations: Record<string, string>, series: "3.6" | "3.7" = "3.7"): string[] =>
  migrated([ingress("a", annotations)], classes, series)[0]?.annotations.map((one) => one.becomes.is) ?? [];

describe("the way from ingress-nginx to Traefik", () => {
  it("is about the Ingresses of ingress-nginx's classes, by whatever names them", () => {
    const all = [
      ingress("by-class"),
      ingress("by-annotation", { "kubernetes.io/ingress.class": "nginx" }, ""),
      ingress("by-default", {}, ""),
      ingress("others", {}, "traefik"),
    ];
    const names = (of: KubeIngressClass[]): string[] => migrated(all, of, "3.7").map(({ name }) => name);
    assert.deepEqual(names(classes), ["by-annotation", "by-class"]);
    const [nginx, traefik] = classes as [KubeIngressClass, KubeIngressClass];
    const annotations = { "ingressclass.kubernetes.io/is-default-class": "true" };
    const byDefault = { ...nginx, metadata: { ...nginx.metadata, annotations } };
    assert.deepEqual(names([byDefault, traefik]), ["by-annotation", "by-class", "by-default"]);
    assert.deepEqual(names([traefik]), ["by-annotation", "by-class"], "the class has gone with ingress-nginx");
  });

  it("says of each annotation whether it is carried over, different or lost, by Traefik's version", () => {
    assert.deepEqual(
      becomes({ [`${N}/use-regex`]: "true", [`${N}/limit-rps`]: "5", [`${N}/enable-modsecurity`]: "true", other: "x" }),
      ["carried", "different", "lost"],
    );
    assert.deepEqual(becomes({ [`${N}/rewrite-target`]: "/$1" }, "3.7"), ["carried"]);
    assert.deepEqual(becomes({ [`${N}/rewrite-target`]: "/$1" }, "3.6"), ["lost"]);
    assert.deepEqual(becomes({ [`${N}/of-next-year`]: "x" }), ["lost"]);
  });

  it("looks at the value, where only some are understood", () => {
    assert.deepEqual(becomes({ [`${N}/backend-protocol`]: "GRPC" }), ["carried"]);
    assert.deepEqual(becomes({ [`${N}/backend-protocol`]: "fcgi" }), ["lost"]);
    assert.deepEqual(becomes({ [`${N}/affinity-mode`]: "balanced" }), ["lost"]);
    assert.deepEqual(becomes({ [`${N}/ssl-redirect`]: "true" }), ["carried"]);
    assert.deepEqual(becomes({ [`${N}/ssl-redirect`]: "false" }), ["different"]);
  });

  it("tells what is lost with what to write, and counts what is carried over", () => {
    const found = migrated(
      [ingress("a", { [`${N}/use-regex`]: "true", [`${N}/mirror-target`]: "http://x" }), ingress("b")],
      classes,
      "3.7",
    );
    assert.equal(losers(found), 1);
    assert.equal(
      migrationText(found, ["1. go"], "3.7", false),
      `shop/a  a.example.org  (1 of 2 carried over)
  ✗ mirror-target: is lost; a TraefikService with mirroring
shop/b  b.example.org  (no annotations of ingress-nginx)

1 of 2 would lose something with Traefik 3.7
1. go
`,
    );
  });

  it("leads one step on, from wherever the stack is", () => {
    const found = migrated([ingress("a"), ingress("*")], classes, "3.7");
    const steps = (settings: Record<string, unknown>): string =>
      nextSteps(settingsOf({ k3s: { disable: [] }, ...settings }), found, "192.0.2.1").join("\n");
    const nginx = { controller: "ingress-nginx" };
    assert.match(steps({ ingress: nginx }), /^1\. side by side: write ingress\.beside/);
    assert.match(steps({ ingress: nginx, k3s: { disable: ["traefik"] } }), /take traefik out of k3s\.disable/);
    const beside = steps({ ingress: { ...nginx, beside: { http: 30080, https: 30443 } } });
    assert.match(beside, /curl --connect-to a\.example\.org:443:192\.0\.2\.1:30443 https:\/\/a\.example\.org\//);
    assert.ok(!beside.includes("*.example.org"), "a wildcard is no name to ask for");
    assert.match(steps({ ingress: { controller: "traefik", nginxAnnotations: true } }), /^4\. one day/);
  });
});
