import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { find, K3S_YAML, plainTexts, run, type Registered } from "../program";
import { exampleProgram } from "./exampleProgram";

/** Each example with what it makes, and its outputs. */
const EXAMPLES: Readonly<
  Record<string, { readonly makes: readonly (readonly [string, string])[]; readonly outputs?: unknown }>
> = {
  shop: {
    makes: [
      ["shop", "apps/v1:Deployment"],
      ["orders", "apps/v1:StatefulSet"],
      ["node-exporter", "apps/v1:DaemonSet"],
      ["report", "batch/v1:CronJob"],
    ],
    outputs: { urls: ["https://shop.example.org/"] },
  },
  "workloads/web-app": {
    makes: [
      ["whoami", "apps/v1:Deployment"],
      ["whoami-ingress", "networking.k8s.io/v1:Ingress"],
      ["whoami-budget", "policy/v1:PodDisruptionBudget"],
      ["whoami-certificate", "cert-manager.io/v1:Certificate"],
    ],
    outputs: { urls: ["https://whoami.example.org/"] },
  },
  "workloads/stateful-app": {
    makes: [["database", "apps/v1:StatefulSet"]],
    outputs: { internalName: "database.data.svc" },
  },
  "workloads/host-network-daemon-set": { makes: [["node-exporter", "apps/v1:DaemonSet"]] },
  "workloads/scheduled-job": { makes: [["check", "batch/v1:CronJob"]] },
};

describe("the examples of workloads", () => {
  const references = {
    outputs: {
      kubeconfig: K3S_YAML,
      ingressClass: "nginx",
      issuers: ["internal-ca"],
      defaultStorageClass: "local-path",
      nodes: [{ name: "s1", version: "v1.36.4+k3s1" }],
    },
    secretOutputNames: ["kubeconfig"],
  };
  const secrets = ["ordersPassword", "password"];

  for (const [example, { makes, outputs: expected = {} }] of Object.entries(EXAMPLES)) {
    for (const preview of [true, false]) {
      it(`${example}: ${preview ? "previews" : "makes"} every workload in the cluster of the stack`, async () => {
        pulumi.runtime.setAllConfig({
          "groundwork:cluster": "acme/groundwork/prod",
          ...Object.fromEntries(secrets.map((name) => [`groundwork:${name}`, "CANARY"])),
        });
        let made: { resources: Registered[]; outputs: Record<string, unknown> };
        try {
          made = await run(exampleProgram(example), { preview, references });
        } finally {
          pulumi.runtime.setAllConfig({});
        }
        const { resources, outputs } = made;
        assert.deepEqual({ ...outputs }, expected);
        for (const [name, type] of makes) find(resources, name, `kubernetes:${type}`);
        assert.ok(!resources.flatMap(({ inputs }) => plainTexts(inputs)).some((text) => text.includes("CANARY")));
      });
    }
  }
});
