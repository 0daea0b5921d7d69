import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { readWebApp } from "../../workloads/objects/webApp";
import { gated } from "../../workloads/workload";
import { clusterOf, ScheduledJob, WebApp, WorkloadError, type Cluster } from "../../workloads/workloads";
import { find, isSecret, K3S_YAML, plainTexts, run, type References } from "../program";
import { pod, web, type Loose } from "./arguments";

const OUTPUTS = {
  kubeconfig: K3S_YAML,
  ingressClass: "nginx",
  gateway: "",
  issuers: ["internal"],
  defaultStorageClass: "local-path",
  nodes: [
    { name: "s1", version: "v1.36.4+k3s1" },
    { name: "a1", version: "v1.35.7+k3s1" },
  ],
};
const of = (outputs: Record<string, unknown>): References => ({ outputs, secretOutputNames: ["kubeconfig"] });

describe("the components for workloads", () => {
  it("know the cluster by the outputs of its stack, and keep its kubeconfig a secret", async () => {
    let cluster: Cluster | undefined;
    const { resources } = await run(async () => void (cluster = await clusterOf("acme/groundwork/prod")), {
      references: of(OUTPUTS),
    });
    assert.deepEqual(cluster?.facts, {
      ingressClass: "nginx",
      gateway: "",
      issuers: ["internal"],
      storageClass: "local-path",
      kubernetes: "1.35",
    });
    const { inputs } = find(resources, "cluster-acme/groundwork/prod", "pulumi:providers:kubernetes");
    assert.ok(isSecret(inputs["kubeconfig"]));
    assert.equal(inputs["clusterIdentifier"], "acme/groundwork/prod");
  });

  it("conclude nothing from what an older stack does not tell", async () => {
    let cluster: Cluster | undefined;
    await run(async () => void (cluster = await clusterOf("old")), { references: of({ kubeconfig: K3S_YAML }) });
    assert.deepEqual(cluster?.facts, {});
  });

  it("conclude nothing from what a stack that did not make its cluster does not know", async () => {
    const outputs = {
      kubeconfig: K3S_YAML,
      ingressClass: "",
      gateway: "",
      issuers: ["ours"],
      defaultStorageClass: "",
      nodes: [],
    };
    let cluster: Cluster | undefined;
    await run(async () => void (cluster = await clusterOf("guest")), { references: of(outputs) });
    assert.deepEqual(cluster?.facts, {});
  });

  it("say so when the stack is none of Groundwork, or was never up", async () => {
    await assert.rejects(
      run(async () => void (await clusterOf("acme/other/prod")), { references: of({}) }),
      /stack 'acme\/other\/prod' has no output 'kubeconfig'; run 'pulumi up'/,
    );
  });

  it("put every object under the component, in its cluster", async () => {
    const { resources } = await run(
      async () => {
        const cluster = await clusterOf("prod");
        const app = new WebApp("shop", {
          ...web,
          cluster,
          secretEnv: { TOKEN: pulumi.secret("CANARY") },
          ingress: { hosts: ["shop.example.org"], tls: { issuer: "internal" } },
        });
        assert.deepEqual(app.urls, ["https://shop.example.org/"]);
        return {};
      },
      { references: of(OUTPUTS) },
    );
    assert.deepEqual(
      resources
        .filter(({ name }) => name.startsWith("shop"))
        .map(({ name, type }) => `${name} ${type}`)
        .sort(),
      [
        "shop groundwork:workloads:WebApp",
        "shop kubernetes:apps/v1:Deployment",
        "shop-budget kubernetes:policy/v1:PodDisruptionBudget",
        "shop-certificate kubernetes:cert-manager.io/v1:Certificate",
        "shop-env kubernetes:core/v1:Secret",
        "shop-ingress kubernetes:networking.k8s.io/v1:Ingress",
        "shop-service kubernetes:core/v1:Service",
      ],
    );
    const secret = find(resources, "shop-env").inputs;
    assert.ok(isSecret(secret["stringData"]));
    assert.equal((secret["metadata"] as Record<string, unknown>)["name"], undefined, "a new name for new contents");
    assert.ok(!resources.flatMap(({ inputs }) => plainTexts(inputs)).some((text) => text.includes("CANARY")));
  });

  it("take outputs for text, and a provider in place of a cluster", async () => {
    const { resources } = await run(() => {
      const provider = new kubernetes.Provider("own", { kubeconfig: K3S_YAML });
      const namespace = new kubernetes.core.v1.Namespace("team", {}, { provider });
      const image = pulumi.output("registry.example.org/shop:2.0.0");
      new ScheduledJob(
        "report",
        { ...pod, namespace: namespace.metadata.name, image, schedule: "@daily", timeoutSeconds: 60 },
        { provider },
      );
      return {};
    });
    const { spec } = find(resources, "report", "kubernetes:batch/v1:CronJob").inputs as Record<string, Loose>;
    assert.equal(spec.jobTemplate.spec.template.spec.containers[0].image, "registry.example.org/shop:2.0.0");
  });

  it("refuse an image that turns out not to be pinned", async () => {
    const { app } = readWebApp("shop", { ...web, image: pulumi.output("registry.example.org/shop") }, {});
    const looked = gated("WebApp 'shop'", app).image as pulumi.Output<string> & { promise(): Promise<string> };
    await assert.rejects(
      looked.promise(),
      /WebApp 'shop' cannot be made so:\n {2}image: "registry\.example\.org\/shop" is not pinned/,
    );
  });

  it("refuse wrong arguments before anything is made, in one error without a stack trace", async () => {
    const args = { ...web, port: 0, replicas: -1 };
    const { resources } = await run(() => {
      assert.throws(
        () => new WebApp("shop", args),
        (error) => {
          assert.ok(error instanceof WorkloadError && pulumi.RunError.isInstance(error));
          assert.deepEqual(
            error.problems.map(({ path }) => path),
            ["port", "replicas"],
          );
          assert.match(
            error.message,
            /^WebApp 'shop' cannot be made so:\n {2}port: is too small; write at least 1\n {2}/,
          );
          return true;
        },
      );
      return {};
    });
    assert.deepEqual(
      resources.filter(({ name }) => name === "shop"),
      [],
    );
  });
});
