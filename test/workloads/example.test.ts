import assert from "node:assert/strict";
import Module from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { find, K3S_YAML, plainTexts, run, type Registered } from "../program";

const ROOT = join(__dirname, "..", "..");

/** The example imports the package by its name, which is this checkout here. */
function programOf(example: string): () => Promise<unknown> {
  const internals = Module as unknown as { _resolveFilename: (request: string, ...rest: unknown[]) => string };
  const before = internals._resolveFilename;
  internals._resolveFilename = (request, ...rest) =>
    before(request === "groundwork/workloads" ? join(ROOT, "workloads", "workloads.ts") : request, ...rest);
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as the engine loads it
    return require(join(ROOT, "examples", example)) as () => Promise<unknown>;
  } finally {
    internals._resolveFilename = before;
  }
}

describe("the example of a shop", () => {
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

  for (const preview of [true, false]) {
    it(`${preview ? "previews" : "makes"} every workload in the cluster of the stack`, async () => {
      pulumi.runtime.setAllConfig({
        "groundwork:cluster": "acme/groundwork/prod",
        "groundwork:ordersPassword": "CANARY",
      });
      let made: { resources: Registered[]; outputs: Record<string, unknown> };
      try {
        made = await run(programOf("shop"), { preview, references });
      } finally {
        pulumi.runtime.setAllConfig({});
      }
      const { resources, outputs } = made;
      assert.deepEqual(outputs["urls"], ["https://shop.example.org/"]);
      for (const [name, type] of [
        ["shop", "apps/v1:Deployment"],
        ["orders", "apps/v1:StatefulSet"],
        ["node-exporter", "apps/v1:DaemonSet"],
        ["report", "batch/v1:CronJob"],
      ] as const) {
        find(resources, name, `kubernetes:${type}`);
      }
      assert.ok(!resources.flatMap(({ inputs }) => plainTexts(inputs)).some((text) => text.includes("CANARY")));
    });
  }
});
