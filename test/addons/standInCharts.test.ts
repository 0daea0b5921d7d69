import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { addons } from "../../addons/all";
import { resourcesOf } from "../../addons/resources";
import { examples } from "../../scripts/examples";
import { desiredOf } from "../program";

const pinned = addons.flatMap(({ chart }) => chart ?? []);
/** A file of the stand-in for a chart. */
function standIn(chart: string, file: string): string {
  const folder = addons.find((addon) => addon.chart?.chart === chart)?.name ?? chart;
  return readFileSync(join(__dirname, "..", "..", "addons", folder, "stand-in", file), "utf8");
}

/** The values of each release of a stack, by chart. */
function valuesOf(changes: Record<string, unknown>): [string, unknown][] {
  return resourcesOf(desiredOf(changes).groups).flatMap((one) =>
    one.is === "release" ? [[one.chart.chart, one.values]] : [],
  );
}

function problems(chart: string, values: unknown): string[] {
  const schema = JSON.parse(standIn(chart, "values.schema.json")) as object;
  const ajv = new Ajv({ allErrors: true });
  ajv.validate(schema, values);
  return (ajv.errors ?? []).map((error) => `${chart}${error.instancePath} ${error.message ?? ""}`);
}

const nfs = { server: "10.0.0.9", path: "/export" };
const stacks: Record<string, Record<string, unknown>> = {
  "the defaults": {
    storage: { nfs, longhorn: {} },
    ingress: { controller: "ingress-nginx" },
    certificates: { certManager: true },
  },
  "everything set": {
    storage: {
      nfs: { ...nfs, mountOptions: ["nfsvers=4.1"], default: true },
      longhorn: { replicas: 2, reclaimPolicy: "Retain", backupTarget: "s3://b@r/" },
    },
    network: { podCidr: "fd00:42::/56", serviceCidr: "fd00:43::/112" },
    ingress: {
      controller: "ingress-nginx",
      replicas: 3,
      hostPorts: true,
      serviceType: "NodePort",
      nodePorts: { http: 30080, https: 30443 },
      workerProcesses: 2,
      config: { "hsts-max-age": "1" },
    },
    certificates: { certManager: true, dns01Nameservers: ["8.8.8.8:53"] },
    issuers: {
      le: { type: "acme", server: "staging", solvers: [{ type: "http01-gateway", parentRefs: [{ name: "web" }] }] },
    },
  },
  "the reference's examples": { addons: parse(examples.addons) ?? {} },
  "NFS by the CSI driver": { storage: { nfs: { ...nfs, provisioner: "csi-driver-nfs", mountOptions: ["hard"] } } },
  "a DaemonSet": { ingress: { controller: "ingress-nginx", kind: "DaemonSet", serviceType: "ClusterIP" } },
};

describe("stand-in charts", () => {
  for (const [name, changes] of Object.entries(stacks)) {
    it(`know every value that is set with ${name}`, () => {
      const releases = valuesOf(changes);
      assert.deepEqual(
        releases.flatMap(([chart, values]) => problems(chart, values)),
        [],
      );
    });
  }

  it("refuse a value with a mistyped name", () => {
    assert.deepEqual(problems("ingress-nginx", { controller: { hostPorts: { enabled: true } } }), [
      "ingress-nginx/controller must NOT have additional properties",
    ]);
  });

  it("have the names and versions that are pinned", () => {
    for (const { chart: name, version } of pinned) {
      const chart = parse(standIn(name, "Chart.yaml")) as Record<string, unknown>;
      assert.deepEqual([chart["name"], chart["version"]], [name, version]);
    }
  });

  it("accept their own default values", () => {
    for (const { chart: name } of pinned) {
      assert.deepEqual(problems(name, parse(standIn(name, "values.yaml"))), []);
    }
  });
});
