import assert from "node:assert/strict";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exampleProgram } from "../../../test/workloads/exampleProgram";
import { clusterOf, WebApp, type WebAppArgs } from "../../../workloads/workloads";
import { labEngineOutputs } from "../../apply";
import { labEngine, type LabEngine, type LabEngineOptions } from "../../engine/engine";
import { CERTIFICATE_DOMAIN } from "../../naming";
import { INTERNAL_CA, LETS_ENCRYPT } from "../../stack/stackSettings";
import { eventually, type KubernetesObject } from "./clusterOnLab";
import { examined, issuedSecret, siteRoots } from "./issuedSecret";
import { oneLab } from "./oneLab";

const PASSWORD = "a password that nobody may read";
const CLUSTER = "organization/groundwork/lab";

interface Pod extends KubernetesObject {
  readonly spec: { readonly nodeName: string };
  readonly status: { readonly phase: string };
}

interface Claim extends KubernetesObject {
  readonly status: { readonly phase: string };
}

// The cluster's stack, then programs of other stacks that take the cluster from its outputs. The examples as they are.
describe("workloads in a cluster of Groundwork", function () {
  const theLab = oneLab(this, "test-workloads", async (lab) => {
    await lab.up({ servers: 1, agents: 2 });
    lab.set(["storage"], { localPath: { default: true } });
    lab.set(["certificates", "issued"], undefined);
    lab.set(["namespaces"], {
      shop: { podSecurity: "restricted", defaultDeny: true },
      apps: { podSecurity: "restricted", defaultDeny: true },
      data: { podSecurity: "restricted", defaultDeny: true },
      monitoring: { podSecurity: "privileged" },
    });
    await lab.run();
  });

  const states = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  const said: string[] = [];
  const stateOf = (project: string): string => join(states, `${project}.json`);
  /** A program of its own, with a state and settings of its own. */
  const stack = async (
    project: string,
    program: LabEngineOptions["program"],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<LabEngine> => {
    const outputs = await labEngineOutputs(theLab().paths, theLab().name);
    return labEngine({
      stack: `lab-${project}`,
      project,
      program,
      config: Object.fromEntries(
        Object.entries({ cluster: CLUSTER, ...settings }).map(([key, value]) => [
          `${project}:${key}`,
          { value, secret: value === PASSWORD },
        ]),
      ),
      stateFile: stateOf(project),
      passphrase: "open sesame",
      print: (line) => said.push(line),
      references: (name) => (name === CLUSTER ? outputs : undefined),
    });
  };
  const pods = async (namespace: string, app: string): Promise<Pod[]> => {
    const all = await theLab().get<Pod>("pods", "-n", namespace, "-l", `app.kubernetes.io/name=${app}`);
    return all.filter(({ status }) => status.phase === "Running");
  };
  const nodesOf = async (namespace: string, app: string): Promise<string[]> =>
    (await pods(namespace, app)).map(({ spec }) => spec.nodeName).sort();
  const names = async (kind: string, namespace: string): Promise<string[]> =>
    (await theLab().get(kind, "-n", namespace)).map(({ metadata }) => metadata.name).sort();
  /** What a provisioner would do, which hollow k3s has none of: makes the volume of a claim. */
  const provision = async (namespace: string, claim: string, size: string): Promise<void> => {
    const volume = {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: `volume-of-${claim}` },
      spec: {
        capacity: { storage: size },
        accessModes: ["ReadWriteOnce"],
        persistentVolumeReclaimPolicy: "Retain",
        storageClassName: "local-path",
        claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claim },
        hostPath: { path: `/var/lib/volumes/${claim}` },
      },
    };
    await theLab().kubectl(["apply", "-f", "-"], JSON.stringify(volume));
  };

  it("the example of a shop comes up whole, with its certificate, and changes nothing the second time", async () => {
    const lab = theLab();
    await provision("shop", "data-orders-0", "20Gi");
    const shop = await stack("shop", exampleProgram("shop"), { ordersPassword: PASSWORD });
    const { outputs } = await shop.up();
    assert.deepEqual(outputs["urls"]?.value, ["https://shop.example.org/"]);
    assert.equal(new Set(await nodesOf("shop", "shop")).size, 2, "two pods on two nodes");
    assert.equal((await pods("shop", "orders")).length, 1);
    assert.deepEqual(await nodesOf("monitoring", "node-exporter"), ["agent-1", "agent-2", "server-1"]);
    assert.deepEqual(await names("cronjobs", "shop"), ["report"]);
    const [claim] = await lab.get<Claim>("pvc", "-n", "shop");
    assert.equal(claim?.status.phase, "Bound");
    await eventually("the certificate", async () => (await names("secrets", "shop")).includes("shop-tls"), 60);
    const root = (await issuedSecret(lab, "cert-manager", "internal-ca-ca")).chain;
    assert.deepEqual(await examined(await issuedSecret(lab, "shop", "shop-tls"), root), {
      names: ["shop.example.org"],
      hours: 2160,
      bits: "4096 bit",
      trust: "OK",
    });
    assert.equal((await shop.up()).changed, false);
    for (const text of [readFileSync(stateOf("shop"), "utf8"), ...said]) assert.ok(!text.includes(PASSWORD));
  });

  it("another password starts the pods that have it anew, and no others", async () => {
    const uids = async (...apps: string[]): Promise<string[]> =>
      (await Promise.all(apps.map((app) => pods("shop", app)))).flat().map(({ metadata }) => metadata.uid);
    const exporters = await pods("monitoring", "node-exporter");
    const before = await uids("shop", "orders");
    const shop = await stack("shop", exampleProgram("shop"), { ordersPassword: "another password" });
    assert.equal((await shop.up()).changed, true);
    const after = await uids("shop", "orders");
    assert.equal(after.filter((uid) => before.includes(uid)).length, 0);
    assert.equal(after.length, 3);
    assert.deepEqual(
      (await pods("monitoring", "node-exporter")).map(({ metadata }) => metadata.uid).sort(),
      exporters.map(({ metadata }) => metadata.uid).sort(),
    );
  });

  it("a drain takes one pod of it after the other, and never both", async () => {
    const lab = theLab();
    const drain = ["--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=50s"];
    const [node = ""] = await nodesOf("shop", "shop");
    const budget = { kind: "Eviction", apiVersion: "policy/v1" };
    const [first, second] = await pods("shop", "shop");
    const evict = (pod: Pod | undefined): Promise<string> => {
      const name = pod?.metadata.name ?? "";
      const path = `/api/v1/namespaces/shop/pods/${name}/eviction`;
      return lab.kubectl(
        ["create", "--raw", path, "-f", "-"],
        JSON.stringify({ ...budget, metadata: { name, namespace: "shop" } }),
      );
    };
    // Nowhere is room for another one for a while.
    const nodes = (await lab.get("nodes")).map(({ metadata }) => metadata.name);
    await lab.kubectl(["cordon", ...nodes]);
    await evict(first);
    await assert.rejects(evict(second), /disruption budget/);
    await lab.kubectl(["uncordon", ...nodes]);
    await eventually("two pods again", async () => (await pods("shop", "shop")).length === 2);
    await lab.kubectl(["drain", node, ...drain]);
    await eventually("two pods beside it", async () => {
      const now = await nodesOf("shop", "shop");
      return now.length === 2 && !now.includes(node);
    });
    await lab.kubectl(["uncordon", node]);
  });

  it("each component's own example comes up, with a certificate from outside for the web application", async () => {
    const lab = theLab();
    await provision("data", "data-database-0", "1Gi");
    const host = `whoami.${CERTIFICATE_DOMAIN}`;
    const web = await stack("web-app", exampleProgram("workloads/web-app"), { issuer: LETS_ENCRYPT, host });
    assert.deepEqual((await web.up()).outputs["urls"]?.value, [`https://${host}/`]);
    assert.equal(new Set(await nodesOf("apps", "whoami")).size, 2);

    const data = { password: PASSWORD };
    const database = await stack("stateful-app", exampleProgram("workloads/stateful-app"), { ...data, size: "1Gi" });
    await database.up();
    assert.equal((await pods("data", "database")).length, 1);
    const job = await stack("scheduled-job", exampleProgram("workloads/scheduled-job"), data);
    await job.up();
    await lab.kubectl(["create", "job", "now", "--from=cronjob/check", "-n", "data"]);
    await lab.kubectl(["wait", "--for=condition=Complete", "job/now", "-n", "data", "--timeout=50s"]);

    // The shop's own has the nodes' port.
    await (await stack("shop", () => undefined)).destroy();
    const every = await stack("every-node", exampleProgram("workloads/host-network-daemon-set"));
    await every.up();
    assert.deepEqual(await nodesOf("monitoring", "node-exporter"), ["agent-1", "agent-2", "server-1"]);

    for (const each of [web, database, job, every]) assert.equal((await each.up()).changed, false);
    await eventually("the certificate", async () => (await names("secrets", "apps")).includes("whoami-tls"), 240);
    const { names: certified, trust } = await examined(await issuedSecret(lab, "apps", "whoami-tls"), siteRoots(lab));
    assert.deepEqual([certified, trust], [[host], "OK"]);
  });

  const application =
    (args: Partial<WebAppArgs>): LabEngineOptions["program"] =>
    async () => {
      new WebApp("plain", {
        cluster: await clusterOf(CLUSTER),
        namespace: "apps",
        image: "registry.example.org/plain:1.0.0",
        port: 8080,
        resources: { cpu: "10m", memory: "16Mi" },
        probes: { readiness: { path: "/" } },
        security: { user: 1000 },
        ...args,
      });
    };

  it("an Ingress that asks for its certificate by annotations gets it", async () => {
    const ingress = {
      hosts: ["plain.lab.test"],
      tls: { issuer: INTERNAL_CA, by: "annotation", certificate: { duration: "48h", renewBefore: "12h" } },
    } satisfies WebAppArgs["ingress"];
    const plain = await stack("plain", application({ ingress }));
    await plain.up();
    await eventually("the certificate", async () => (await names("secrets", "apps")).includes("plain-tls"), 60);
    const root = (await issuedSecret(theLab(), "cert-manager", "internal-ca-ca")).chain;
    const { hours, trust } = await examined(await issuedSecret(theLab(), "apps", "plain-tls"), root);
    assert.deepEqual([hours, trust], [48, "OK"]);
    await plain.destroy();
  });

  it("what the cluster does not have is told before anything is made", async () => {
    const wrong = await stack(
      "wrong",
      application({ ingress: { hosts: ["plain.lab.test"], className: "traefik", tls: { issuer: "nobody" } } }),
    );
    await assert.rejects(wrong.up(), (error: Error) => {
      assert.match(error.message, /nobody/);
      assert.match(error.message, /internal-ca/);
      return true;
    });
    assert.ok(!(await names("deployments", "apps")).includes("plain"));
  });

  it("what goes leaves the data, the namespaces and everything of the others", async () => {
    for (const project of ["scheduled-job", "stateful-app", "every-node", "web-app"]) {
      await (await stack(project, () => undefined)).destroy();
    }
    assert.deepEqual(await names("pvc", "data"), ["data-database-0"]);
    assert.deepEqual(await names("pvc", "shop"), ["data-orders-0"]);
    for (const namespace of ["apps", "data", "shop", "monitoring"]) {
      assert.deepEqual(await names("deployments,statefulsets,daemonsets,cronjobs,ingresses", namespace), []);
    }
    assert.equal((await theLab().apply()).text.includes("nothing changed"), true);
  });
});
