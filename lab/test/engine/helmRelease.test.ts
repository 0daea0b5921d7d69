import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Work } from "../../engine/executor";
import { helmReleases } from "../../engine/helmRelease";
import type { Values } from "../../engine/propertyValues";

describe("a release of the lab engine", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-fake-helm-"));
    // Notes its arguments, and of each file it is given the mode and the content.
    const script = `#!/bin/sh
      printf '%s\\n' "$@" > ${directory}/arguments
      for argument; do [ -f "$argument" ] && stat -c '%a' "$argument" && cat "$argument" && echo; done > ${directory}/files
      env > ${directory}/environment
      [ -e ${directory}/fail ] && { echo 'Error: INSTALLATION FAILED: timed out' >&2; exit 1; }
      echo 'W: a warning first' >&2
      echo '{"name":"web","version":3,"info":{"status":"deployed"},"chart":{"metadata":{"name":"tiny","version":"0.1.0","appVersion":"1"}},"manifest":"secret"}'`;
    writeFileSync(join(directory, "helm"), script);
    chmodSync(join(directory, "helm"), 0o755);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const releases = helmReleases(async () => join(directory, "helm"));
  const work = (inputs: Values, old?: Work["old"]): Work => {
    const provider = { kubeconfig: "kind: Config # token of-the-cluster" };
    return { urn: "", name: "web", type: "", inputs, old, provider, wasCutOff: false, print: () => undefined };
  };
  const noted = (file: string) => readFileSync(join(directory, file), "utf8");

  it("is installed by Helm with what it was given, and waits", async () => {
    const inputs = {
      chart: "tiny",
      name: "web",
      namespace: "shop",
      version: "0.1.0",
      repositoryOpts: { repo: "https://charts.test" },
    };
    const { id, outputs } = await releases.create(
      work({ ...inputs, atomic: true, createNamespace: true, timeout: 90, compat: "true" }),
    );
    assert.equal(id, "shop/web");
    const line = noted("arguments").split("\n").slice(0, -3).join(" ");
    assert.equal(
      line,
      "upgrade web tiny --install --output json --namespace shop --timeout 90s --version 0.1.0 --repo https://charts.test --wait --atomic --create-namespace",
    );
    assert.deepEqual(outputs["status"], {
      name: "web",
      namespace: "shop",
      revision: 3,
      status: "deployed",
      chart: "tiny",
      version: "0.1.0",
      appVersion: "1",
    });
  });

  it("passes values and kubeconfig in files for its owner alone, never in arguments or environment", async () => {
    const { specialSigKey, specialAssetSig } = pulumi.runtime;
    const valueYamlFiles = [{ [specialSigKey]: specialAssetSig, text: "replicas: 2\n" }];
    await releases.create(work({ chart: "tiny", name: "web", valueYamlFiles, values: { password: "hunter22" } }));
    assert.equal(
      noted("files"),
      '600\nreplicas: 2\n\n600\n{"password":"hunter22"}\n600\nkind: Config # token of-the-cluster\n',
    );
    for (const file of ["arguments", "environment"]) {
      assert.ok(!noted(file).includes("hunter22") && !noted(file).includes("of-the-cluster"), file);
    }
    for (const path of noted("arguments")
      .split("\n")
      .filter((argument) => argument.startsWith("/"))) {
      assert.ok(!existsSync(path), path);
    }
  });

  it("fails with Helm's own lines, and is uninstalled under its recorded name", async () => {
    writeFileSync(join(directory, "fail"), "");
    const failing = releases.create(work({ chart: "tiny", name: "web" }));
    await assert.rejects(failing, { message: "helm upgrade ended with 1:\nError: INSTALLATION FAILED: timed out" });
    rmSync(join(directory, "fail"));
    await releases.delete(work({ chart: "tiny" }, { id: "default/web-1", inputs: {}, outputs: { name: "web-1" } }));
    assert.match(noted("arguments"), /^uninstall\nweb-1\n--namespace\ndefault\n--ignore-not-found\n--wait\n/);
  });

  it("refuses what it does not imitate", async () => {
    await assert.rejects(
      releases.create(work({ chart: "tiny", postrender: "x" })),
      /does not imitate postrender of a release/,
    );
    await assert.rejects(
      releases.create(work({ chart: "tiny", repositoryOpts: { password: "x" } })),
      /takes no credentials/,
    );
  });
});
