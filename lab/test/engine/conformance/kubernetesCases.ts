import { readFileSync } from "node:fs";
import { local } from "@pulumi/command";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Bed, ConformanceCase } from "./case";

const NAMESPACE = "conformance";

interface ProviderOptions {
  readonly comment?: string;
  readonly upsertExistingObjects?: boolean;
  /** A label of the namespace. */
  readonly team?: string;
}

function providerOf(bed: Bed, options: ProviderOptions = {}): kubernetes.Provider {
  const text = `${readFileSync(bed.kubeconfig ?? "", "utf8")}\n# ${options.comment ?? ""}\n`;
  const { upsertExistingObjects } = options;
  const kubeconfig = pulumi.secret(text);
  return new kubernetes.Provider("k8s", { kubeconfig, clusterIdentifier: "lab", upsertExistingObjects });
}

function namespaceOf(provider: kubernetes.Provider, team = "a"): kubernetes.core.v1.Namespace {
  return new kubernetes.core.v1.Namespace("n", { metadata: { name: NAMESPACE, labels: { team } } }, { provider });
}

function configMap(
  name: string,
  provider: kubernetes.Provider,
  metadata: kubernetes.types.input.meta.v1.ObjectMeta,
  text: pulumi.Input<string>,
  options: pulumi.CustomResourceOptions = {},
): kubernetes.core.v1.ConfigMap {
  return new kubernetes.core.v1.ConfigMap(name, { metadata, data: { text } }, { provider, ...options });
}

/** The same for what is made in a cluster: which operations, and what the cluster then says. */
export const kubernetesCases: readonly ConformanceCase[] = [
  {
    name: "Kubernetes: creates, changes nothing, updates in place, replaces where it must, deletes",
    steps: [
      {
        does: "up",
        program: objects("1"),
        operations: ["create n", "create c"],
        outputs: { text: { value: "1", secret: false }, namespace: { value: NAMESPACE, secret: false } },
      },
      { does: "preview", program: objects("1"), operations: [] },
      { does: "up", program: objects("1"), operations: [] },
      { does: "preview", program: objects("1", { team: "b" }), operations: ["update n"] },
      { does: "up", program: objects("1", { team: "b" }), operations: ["update n"] },
      { does: "preview", program: objects("2", { team: "b" }), operations: ["replace c"] },
      {
        does: "up",
        program: objects("2", { team: "b" }),
        operations: ["replace c"],
        outputs: { text: { value: "2", secret: false } },
      },
      { does: "destroy", operations: ["delete n", "delete c"] },
    ],
  },
  {
    name: "Kubernetes: another kubeconfig of the same clusterIdentifier is an update of nothing but the provider",
    steps: [
      { does: "up", program: objects("1"), operations: ["create n", "create c"] },
      { does: "preview", program: objects("1", { comment: "renewed" }), operations: [] },
      { does: "up", program: objects("1", { comment: "renewed" }), operations: [] },
      { does: "destroy", operations: ["delete n", "delete c"] },
    ],
  },
  {
    name: "Kubernetes: another name replaces",
    steps: [
      { does: "up", program: named("first"), operations: ["create n", "create c"] },
      { does: "preview", program: named("second"), operations: ["replace c"] },
      {
        does: "up",
        program: named("second"),
        operations: ["replace c"],
        outputs: { name: { value: "second", secret: false } },
      },
      { does: "destroy", operations: ["delete n", "delete c"] },
    ],
  },
  {
    name: "Kubernetes: with deletedWith nothing is asked of a cluster that goes away",
    steps: [
      { does: "up", program: living, operations: ["create host", "create n", "create c"] },
      { does: "destroy", operations: ["delete host", "delete n", "delete c"], log: ["host gone"] },
      { does: "up", program: objects("3"), operations: [], fails: /already exists/ },
      { does: "up", program: objects("3", { upsertExistingObjects: true }), operations: ["create n", "create c"] },
      { does: "destroy", operations: ["delete n", "delete c"] },
    ],
  },
  {
    name: "Kubernetes: a secret stays one in the outputs",
    steps: [
      {
        does: "up",
        program: secretObject,
        operations: ["create n", "create s"],
        outputs: { key: { value: Buffer.from("hidden").toString("base64"), secret: true } },
      },
      { does: "up", program: secretObject, operations: [] },
      { does: "destroy", operations: ["delete n", "delete s"] },
    ],
  },
];

function objects(text: string, options: ProviderOptions = {}) {
  return (bed: Bed): unknown => {
    const provider = providerOf(bed, options);
    const namespace = namespaceOf(provider, options.team);
    const c = configMap("c", provider, { namespace: namespace.metadata.name }, text);
    return { text: c.data.apply((data) => data["text"]), namespace: c.metadata.namespace };
  };
}

function named(name: string) {
  return (bed: Bed): unknown => {
    const provider = providerOf(bed);
    const namespace = namespaceOf(provider);
    return { name: configMap("c", provider, { name, namespace: namespace.metadata.name }, "x").metadata.name };
  };
}

function living(bed: Bed): unknown {
  const host = new local.Command("host", { create: "true", delete: `echo host gone >> ${bed.log}` });
  const provider = providerOf(bed);
  const options = { provider, deletedWith: host };
  const namespace = new kubernetes.core.v1.Namespace("n", { metadata: { name: NAMESPACE } }, options);
  configMap("c", provider, { name: "c", namespace: namespace.metadata.name }, "x", { deletedWith: host });
  return undefined;
}

function secretObject(bed: Bed): unknown {
  const provider = providerOf(bed);
  const namespace = namespaceOf(provider).metadata.name;
  const stringData = { key: "hidden" };
  const s = new kubernetes.core.v1.Secret("s", { metadata: { name: "s", namespace }, stringData }, { provider });
  return { key: s.data.apply((data) => data["key"]) };
}
