import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as ts from "typescript";
import { parse } from "yaml";
import * as workloads from "../../workloads/workloads";
import { errors, stack } from "../config/fixtures";
import { K3S_YAML, run } from "../program";
import { ROOT } from "./markdown";

const text = readFileSync(join(ROOT, "docs/workloads.md"), "utf8");

function shown(language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, code = ""]) => code);
}

describe("the chapter on workloads", () => {
  const references = {
    outputs: {
      kubeconfig: K3S_YAML,
      ingressClass: "traefik",
      gateway: "kube-system/traefik-gateway",
      issuers: ["internal-ca"],
      defaultStorageClass: "local-path",
      nodes: [{ name: "s1", version: "v1.36.4+k3s1" }],
    },
    secretOutputNames: ["kubeconfig"],
  };

  it("shows programs that can be run", async () => {
    const programs = shown("ts");
    assert.ok(programs.length >= 6);
    const names = [...Object.keys(workloads), "cluster", "config", "module", "require"];
    for (const program of programs) {
      const code = ts.transpile(program, { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 });
      const { resources } = await run(
        async () => {
          const module: { exports: unknown } = { exports: {} };
          const config = { requireSecret: () => pulumi.secret("CANARY") };
          const given = [
            ...Object.values(workloads),
            await workloads.clusterOf("docs"),
            config,
            module,
            () => workloads,
          ];
          // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is ours, and only a reader runs it otherwise
          new Function("exports", ...names, code.replace('"use strict";', ""))({}, ...given);
          return typeof module.exports === "function" ? (module.exports() as unknown) : {};
        },
        { references },
      );
      assert.ok(
        resources.some(({ type }) => type.startsWith("kubernetes:apps") || type.startsWith("kubernetes:batch")),
      );
    }
  });

  it("shows settings that are right", () => {
    const parts = shown("yaml").map((part) => parse(part) as object);
    assert.equal(parts.length, 1);
    for (const part of parts) {
      const settings = Object.entries(part).map(([key, value]) => [key.replace("groundwork:", ""), value as unknown]);
      assert.deepEqual(errors(stack(Object.fromEntries(settings)), "warning"), []);
    }
  });
});
