import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import Module from "node:module";
import { join } from "node:path";
import { groundworkPolicies, type PolicyPackSettings } from "../../policy/pack";
import type { Fields } from "../../policy/object";
import { deployment } from "./objects";

const ROOT = join(__dirname, "..", "..");
type Policies = ReturnType<typeof groundworkPolicies>;

interface Resource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: Record<string, unknown>;
}

function resource(manifest: Fields, name = "web", type = `kubernetes:any/v1:${String(manifest["kind"])}`): Resource {
  return { type, name, urn: `urn:${name}`, props: manifest };
}

const LATER = "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7";

/** As `@pulumi/policy` gives inputs in a preview: to read what is not known yet fails. */
function inPreview<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get: (target, key) => {
      const field: unknown = Reflect.get(target, key);
      if (field === LATER) throw new Error(`value at ${String(key)} can't be known during preview`);
      return inPreview(field);
    },
  });
}

/** What the policies report, in the order of their names. */
function reported(policies: Policies, resources: readonly Resource[]): string[] {
  return policies.flatMap((policy) => {
    const lines: string[] = [];
    const report = (message: string) => void lines.push(`${policy.enforcementLevel} ${policy.name} ${message}`);
    if ("validateStack" in policy) policy.validateStack({ resources }, report);
    else resources.forEach((one) => policy.validateResource(one, report));
    return lines.map((line) => line.replace(/; .*$/s, ""));
  });
}

const judged = (settings: PolicyPackSettings, ...resources: readonly Resource[]) =>
  reported(groundworkPolicies(settings), resources);

const WRONG = deployment({ hostNetwork: true }, { image: "nginx" }, { replicas: 2 });

describe("policies for a pack", () => {
  it("are the rules, at the levels of their pack", () => {
    assert.deepEqual(judged({}, resource(WRONG)), [
      "advisory disruption-budget Deployment shop/web: has 2 replicas and no PodDisruptionBudget",
      "advisory image-pinned Deployment shop/web: container web runs nginx",
      "advisory privileged-pod Deployment shop/web: has hostNetwork",
    ]);
    const levels = { "image-pinned": "refuse", "disruption-budget": "off" } as const;
    const exceptions = [{ rule: "privileged-pod", at: "Deployment shop/*", reason: "it is the way in" }] as const;
    assert.deepEqual(judged({ levels, exceptions }, resource(WRONG)), [
      "mandatory image-pinned Deployment shop/web: container web runs nginx",
    ]);
    assert.deepEqual(judged({}, resource(deployment())), []);
  });

  it("look at a budget beside the application, and name the resource that lacks one", () => {
    const budget = {
      kind: "PodDisruptionBudget",
      metadata: { namespace: "shop", name: "web" },
      spec: { selector: { matchLabels: { app: "web" } } },
    };
    const two = resource(deployment({}, {}, { replicas: 2 }));
    assert.deepEqual(judged({}, two, resource(budget, "budget")), []);
    const policy = groundworkPolicies().find(({ name }) => name === "disruption-budget")!;
    const urns: (string | undefined)[] = [];
    assert.ok("validateStack" in policy);
    policy.validateStack({ resources: [two] }, (_, urn) => urns.push(urn));
    assert.deepEqual(urns, ["urn:web"]);
  });

  it("call an object whose name the provider makes up by the name of its resource", () => {
    const annotations = { "pulumi.com/autonamed": "true" };
    const made = { ...deployment({}, { image: "nginx" }), metadata: { name: "front-1a2b3c", annotations } };
    assert.deepEqual(judged({}, resource(made, "front")), [
      "advisory image-pinned Deployment default/front: container web runs nginx",
    ]);
  });

  it("say nothing of what is not known in a preview, and what they know of the rest", () => {
    const of = (manifest: Fields) => judged({}, resource(inPreview(manifest)));
    assert.deepEqual(of(deployment({}, { image: LATER, resources: LATER }, { replicas: LATER })), []);
    assert.deepEqual(of(deployment({ hostNetwork: true }, { image: "nginx", env: [{ name: "A", value: LATER }] })), [
      "advisory image-pinned Deployment shop/web: container web runs nginx",
      "advisory privileged-pod Deployment shop/web: has hostNetwork",
    ]);
    const ingress = {
      kind: "Ingress",
      metadata: { name: "web" },
      spec: { rules: [{ host: "a.example.org" }], tls: LATER },
    };
    assert.deepEqual(of(ingress), []);
    assert.deepEqual(of({ ...WRONG, metadata: { name: "web", namespace: LATER } }), [], "which one it is is not known");
  });

  it("leave patches, releases and what is no object of Kubernetes alone", () => {
    for (const type of [
      "kubernetes:apps/v1:DeploymentPatch",
      "kubernetes:helm.sh/v3:Release",
      "aws:apps/v1:Deployment",
    ]) {
      assert.deepEqual(judged({}, resource(WRONG, "web", type)), [], type);
    }
  });

  it("say in one error what is wrong with their settings", () => {
    const wrong = { levels: { "image-pined": "refuse" }, exceptions: [{ rule: "ingress-tls", at: "web" }] };
    assert.throws(
      () => groundworkPolicies(wrong as unknown as PolicyPackSettings),
      /^GroundworkError: The policies have problems:\n {2}levels\.image-pined: .*did you mean image-pinned\?\n {2}exceptions\[0\]\.at: "web" is no object; .*\n {2}exceptions\[0\]\.reason: is missing/,
    );
  });

  it("need nothing of Pulumi: the pack has its own", () => {
    const script = `require("./bin/typescript.js"); require("./policy/pack.ts");
      process.stdout.write(Object.keys(require.cache).filter((file) => file.includes("@pulumi")).join());`;
    assert.equal(execFileSync(process.execPath, ["-e", script], { cwd: ROOT, encoding: "utf8" }), "");
  });

  it("are made by the shop's own pack, which names its exporter as the exception", () => {
    const made: { name: string; policies: Policies }[] = [];
    const PolicyPack = class {
      constructor(name: string, { policies }: { policies: Policies }) {
        made.push({ name, policies });
      }
    };
    const file = join(ROOT, "examples", "shop", "policy", "index.js");
    const taken: Record<string, unknown> = {
      "@pulumi/policy": { PolicyPack },
      "groundwork/policy": { groundworkPolicies },
    };
    const pack = new Module(file) as Module & { _compile: (code: string, name: string) => void };
    pack.require = ((name: string) => taken[name]) as NodeJS.Require;
    pack._compile(readFileSync(file, "utf8"), file);
    assert.deepEqual(
      made.map(({ name }) => name),
      ["shop"],
    );
    const exporter = (name: string) =>
      resource({
        ...deployment({ hostNetwork: true }),
        kind: "DaemonSet",
        metadata: { namespace: "monitoring", name },
      });
    assert.deepEqual(reported(made[0]!.policies, [exporter("node-exporter"), exporter("other")]), [
      "advisory privileged-pod DaemonSet monitoring/other: has hostNetwork",
    ]);
  });
});
