import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ts from "typescript";
import { parseAllDocuments } from "yaml";
import { policySchema } from "../../config/schema/policy";
import { judge } from "../../policy/judge";
import { policyObject } from "../../policy/object";
import { readServiceFile } from "../../service/settings/serviceFile";
import { ROOT } from "../docs/markdown";

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each kind has its own
  readonly [field: string]: any;
}

const FOLDER = join(ROOT, "deploy", "service");
const text = (file: string): string => readFileSync(join(FOLDER, file), "utf8");
const manifests = parseAllDocuments(text("kubernetes.yaml")).map((document) => document.toJS() as Manifest);
const only = (kind: string): Manifest => {
  const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind);
  assert.ok(found !== undefined && more.length === 0, kind);
  return found;
};

describe("the service's manifests", function () {
  this.timeout(120_000);

  it("have the fields that Kubernetes' own definitions have, with values of their types", () => {
    const lines = manifests.map(({ apiVersion, kind, ...fields }, at) => {
      const group = apiVersion === "v1" ? "core.v1" : apiVersion.replace(".k8s.io", "").replace("/", ".");
      const value = JSON.stringify({ apiVersion, kind, ...fields });
      return `export const m${at}: k8s.types.input.${group}.${kind} = ${value};`;
    });
    assert.deepEqual(typeErrors(lines), []);
    // A field too many is seen, however deep.
    const [set = ""] = lines.filter((line) => line.includes("StatefulSet"));
    assert.equal(typeErrors([set.replace('"runAsNonRoot"', '"runsAsNonRoot"')]).length, 1);
  });

  it("keep to Groundwork's own rules", () => {
    const policy = policySchema.parse({});
    const found = judge(
      manifests.map((manifest) => policyObject(manifest)),
      policy,
    );
    assert.deepEqual(found, []);
  });

  it("fit together: the file, its paths, the ports, the times", () => {
    const { spec } = only("StatefulSet")["spec"].template;
    const [container] = spec.containers;
    const mounts = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath) as string[];
    const volumes = [
      ...spec.volumes,
      ...only("StatefulSet")["spec"].volumeClaimTemplates.map((claim: Manifest) => claim.metadata),
    ];
    assert.deepEqual(
      container.volumeMounts.map(({ name }: { name: string }) => name),
      ["state", "tmp", "service", "clusters", "passphrases", "tls"],
    );
    assert.deepEqual(
      new Set(volumes.map(({ name }: { name: string }) => name)),
      new Set(container.volumeMounts.map(({ name }: { name: string }) => name)),
    );
    const root = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    try {
      // The file as the pod sees it, below another root.
      const file = (only("ConfigMap")["data"]["service.yaml"] as string).replaceAll(/\/(etc|var)\//g, `${root}/$1/`);
      for (const mount of mounts) if (!mount.endsWith(".yaml")) mkdirSync(join(root, mount), { recursive: true });
      writeFileSync(join(root, "etc/groundwork/clusters/Pulumi.dev.yaml"), "config: {}\n");
      for (const secret of ["passphrases/dev", "tls/tls.crt", "tls/tls.key"]) {
        writeFileSync(join(root, "etc/groundwork", secret), "", { mode: 0o440 });
      }
      writeFileSync(join(root, "service.yaml"), file);
      const settings = readServiceFile(join(root, "service.yaml"));
      assert.equal(settings.listen.port, container.ports[0].containerPort);
      assert.ok(settings.stopSeconds + 120 < spec.terminationGracePeriodSeconds);
      for (const path of [settings.directory, settings.stacks.get("dev")?.pulumiHome ?? ""]) {
        assert.ok(path.startsWith(`${root}/var/lib/groundwork/`));
      }
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

describe("the service's image", () => {
  it("has the Node and the Pulumi that the project is tested with, and the user that the pod has", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      readonly devDependencies: Readonly<Record<string, string>>;
    };
    const lines = text("Containerfile").split("\n");
    const images = lines.filter((line) => line.startsWith("FROM ")).map((line) => line.split(" ")[1]);
    assert.deepEqual(images, [
      `docker.io/library/node:${devDependencies["node"] ?? ""}-trixie-slim`,
      `docker.io/pulumi/pulumi-base:${devDependencies["pulumi"] ?? ""}`,
      `docker.io/library/node:${devDependencies["node"] ?? ""}-trixie-slim`,
    ]);
    const user = lines.find((line) => line.startsWith("USER "))?.slice("USER ".length);
    const { securityContext } = only("StatefulSet")["spec"].template.spec;
    assert.equal(user, `${securityContext.runAsUser}:${securityContext.runAsGroup}`);
  });

  it("has what the service needs beside the package, each in the version that is tested", () => {
    const [, program = ""] = /node -p "(.*)" >/.exec(text("Containerfile")) ?? [];
    const { stdout } = spawnSync(process.execPath, ["-p", program], { cwd: ROOT, encoding: "utf8" });
    const beside = stdout.trim().split("\n");
    assert.ok(
      beside.some((each) => each.startsWith("fastify@")),
      stdout,
    );
    for (const each of beside) assert.match(each, /^@?[\w/-]+@\d+\.\d+\.\d+$/);
  });
});

describe("the service's unit", () => {
  it("is one that systemd takes, and lets runs outlive the service", function () {
    const unit = text("groundwork.service");
    if (spawnSync("systemd-analyze", ["--version"]).status !== 0) {
      console.log("skipped: there is no systemd-analyze");
      this.skip();
    }
    const directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    try {
      const file = join(directory, "groundwork.service");
      // Its program is not on this machine; of all else nothing may be said.
      writeFileSync(file, unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
      const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
      assert.deepEqual([status, stdout + stderr], [0, ""]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
    assert.match(unit, /^KillMode=process$/m);
    // A run that goes on must keep its directory.
    assert.doesNotMatch(unit, /^PrivateTmp=(yes|true)/m);
  });
});

/** What TypeScript says of values that are held to the types which Pulumi makes of Kubernetes' OpenAPI document. */
function typeErrors(lines: readonly string[]): string[] {
  const file = join(ROOT, "test", "deploy", "manifests.ts");
  const source = ['import type * as k8s from "@pulumi/kubernetes";', ...lines].join("\n");
  const options: ts.CompilerOptions = {
    ...{
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      target: ts.ScriptTarget.ES2023,
    },
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [] },
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === file || disk.fileExists(name),
    getSourceFile: (name, ...rest) =>
      name === file ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2023) : disk.getSourceFile(name, ...rest),
  };
  const program = ts.createProgram([file], options, host);
  const checked = program.getSourceFile(file);
  return program
    .getSemanticDiagnostics(checked)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
