import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groundwork } from "../../../index";
import { labEngine, type LabEngine } from "../../engine/engine";
import type { OpenConfig } from "../../stack/stackConfig";
import { oneLab, withoutAddons } from "./oneLab";

// The cluster of one stack is the other's existing cluster; the same one stands in for what k3d would make.
describe("a stack without machines", function () {
  const theLab = oneLab(this, "test-existing", async (lab) => {
    await lab.up({ servers: 1, agents: 0 });
    withoutAddons(lab);
    await lab.run();
  });

  const namespaces = async (): Promise<string[]> =>
    (await theLab().get("namespaces")).map(({ metadata }) => metadata.name);
  const guest = (name: string, settings: Record<string, unknown>): LabEngine => {
    const kubeconfig = readFileSync(theLab().paths.kubeconfig, "utf8");
    const config: OpenConfig = Object.fromEntries(
      Object.entries(settings).map(([key, value]) => {
        const secret = JSON.stringify(value).includes("KUBECONFIG");
        const open = secret ? { ...(value as object), kubeconfig } : value;
        return [`groundwork:${key}`, { value: open, secret, hidden: secret ? [kubeconfig] : [] }];
      }),
    );
    return labEngine({
      stack: `lab-${name}`,
      program: groundwork,
      config,
      stateFile: join(mkdtempSync(join(tmpdir(), "groundwork-test-")), "state.json"),
      passphrase: "open sesame",
      print: () => undefined,
    });
  };

  it("installs in an existing cluster, changes nothing the second time, and leaves the cluster when it goes", async () => {
    const engine = guest("guest", {
      cluster: { kubeconfig: "KUBECONFIG" },
      certificates: { certManager: true, chart: join(__dirname, "../../../addons/cert-manager/stand-in") },
      issuers: { inside: { type: "ca" } },
      namespaces: { guests: { quota: { pods: 3 } } },
    });
    await engine.up();
    assert.ok((await namespaces()).includes("guests"));
    assert.deepEqual(
      (await theLab().get("clusterissuers")).map(({ metadata }) => metadata.name),
      ["inside", "inside-selfsigned"],
    );
    assert.match(String(engine.outputs()["apiUrl"]?.value), /^https:\/\/127\./);
    assert.equal((await engine.up()).changed, false);
    await engine.destroy();
    assert.ok(!(await namespaces()).includes("guests"));
    assert.ok((await namespaces()).includes("kube-system"));
  });

  it("has k3d make the cluster from its file, uses the kubeconfig that it prints, and has it deleted", async () => {
    // It answers as k3d 5.9 does: the file on its standard input, the kubeconfig on its standard output.
    const bin = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    const said = join(bin, "said");
    mkdirSync(said);
    writeFileSync(
      join(bin, "k3d"),
      `#!/bin/sh
echo "$*" >>${said}/argv
case "$1 $2" in
  'cluster create') cat >${said}/config.yaml ;;
  'kubeconfig get') cat ${theLab().paths.kubeconfig} ;;
esac
`,
    );
    chmodSync(join(bin, "k3d"), 0o755);
    const path = process.env["PATH"];
    process.env["PATH"] = `${bin}:${path ?? ""}`;
    try {
      const engine = guest("dock", {
        cluster: { k3d: { agents: 1 }, name: "dock" },
        dns: { upstream: ["192.0.2.53"] },
        namespaces: { docked: {} },
      });
      await engine.up();
      assert.ok((await namespaces()).includes("docked"));
      assert.match(readFileSync(join(said, "config.yaml"), "utf8"), /^kind: Simple$[^]+nameserver 192\.0\.2\.53/m);
      assert.equal((await engine.up()).changed, false);
      await engine.destroy();
    } finally {
      process.env["PATH"] = path;
    }
    assert.deepEqual(readFileSync(join(said, "argv"), "utf8").trim().split("\n"), [
      "cluster create --config -",
      "kubeconfig get dock",
      "cluster delete dock",
    ]);
    assert.ok(existsSync(theLab().paths.kubeconfig));
  });
});
