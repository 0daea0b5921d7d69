import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { groundwork } from "../../../index";
import { writeKubeconfig } from "../../../operate/kubeconfigFile";
import { fromApi, kubeconfigText, teamKubeconfig, tokenIn } from "../../../operate/team/kubeconfig";
import { labEngine, type LabEngine } from "../../engine/engine";
import type { OpenConfig } from "../../stack/stackConfig";
import { ensurePassphrase } from "../../stack/passphrase";
import type { KubernetesObject } from "./clusterOnLab";
import { oneLab, withoutAddons } from "./oneLab";

const PASSWORD = "a password that nobody may read";

// The cluster of one stack is the other's existing cluster; the same one stands in for what k3d would make.
describe("a stack without machines", function () {
  const theLab = oneLab(this, "test-existing", async (lab) => {
    await lab.up({ servers: 1, agents: 0 });
    withoutAddons(lab);
    lab.set(["namespaces"], { default: { quota: { "requests.memory": "1Gi" }, access: { web: { role: "view" } } } });
    await lab.run();
  });

  const namespaces = async (): Promise<string[]> =>
    (await theLab().get("namespaces")).map(({ metadata }) => metadata.name);
  const guest = (
    name: string,
    settings: Record<string, unknown>,
    stateFile = join(mkdtempSync(join(tmpdir(), "groundwork-test-")), "state.json"),
  ): LabEngine => {
    const kubeconfig = readFileSync(theLab().paths.kubeconfig, "utf8");
    const secrets: Readonly<Record<string, string>> = { KUBECONFIG: kubeconfig, PASSWORD };
    const config: OpenConfig = Object.fromEntries(
      Object.entries(settings).map(([key, value]) => {
        const hidden = new Set<string>();
        const open: unknown = JSON.parse(JSON.stringify(value), (_, each: unknown) => {
          const text = typeof each === "string" ? secrets[each] : undefined;
          if (text !== undefined) hidden.add(text);
          return text ?? each;
        });
        return [`groundwork:${key}`, { value: open, secret: hidden.size > 0, hidden: [...hidden] }];
      }),
    );
    return labEngine({
      stack: `lab-${name}`,
      program: groundwork,
      config,
      stateFile,
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
      storage: {
        longhorn: {
          chart: join(__dirname, "../../../addons/longhorn/stand-in"),
          recurringJobs: { hourly: { task: "snapshot", schedule: "@hourly" } },
        },
      },
    });
    await engine.up();
    assert.ok((await namespaces()).includes("guests"));
    assert.deepEqual(
      (await theLab().get("recurringjobs", "--namespace", "longhorn-system")).map(({ metadata }) => metadata.name),
      ["hourly"],
    );
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

  /** kubectl with a team's kubeconfig. */
  const asTeam = (text: string): ((...words: string[]) => Promise<string>) => {
    const path = join(mkdtempSync(join(tmpdir(), "groundwork-test-")), "team.yaml");
    writeKubeconfig(path, text);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    return (...words) => theLab().kubectl(["--kubeconfig", path, ...words]);
  };

  it("gives a team a kubeconfig by a server, for what it may do in its namespace and nowhere else", async () => {
    const { stackFile } = theLab().paths;
    const file = {
      project: "groundwork",
      stack: "existing",
      directory: dirname(stackFile),
      fileName: basename(stackFile),
      text: readFileSync(stackFile, "utf8"),
    };
    const env = { PULUMI_CONFIG_PASSPHRASE: ensurePassphrase(theLab().paths) };
    const made = await teamKubeconfig(file, env, { team: "web", seconds: 600 });
    assert.ok(Math.abs(made.ends.getTime() - Date.now() - 600_000) < 120_000, made.ends.toISOString());
    const kubectl = asTeam(made.text);
    assert.match(await kubectl("get", "pods", "-o", "name"), /^(pod\/.*\n)*$/);
    await assert.rejects(kubectl("get", "pods", "--namespace", "kube-system"), /is forbidden/);
    await assert.rejects(kubectl("get", "pods", "--all-namespaces"), /is forbidden/);
    await assert.rejects(kubectl("get", "secrets"), /is forbidden/);
    await assert.rejects(kubectl("create", "configmap", "mine"), /is forbidden/);
    const [limits] = await theLab().get<KubernetesObject & { spec: { limits: unknown[] } }>("limitrange");
    assert.deepEqual(limits?.spec.limits, [{ type: "Container", defaultRequest: { memory: "64Mi" } }]);
  });

  it("gives teams and pull secrets to namespaces, default among them, and takes them back", async () => {
    const stateFile = join(mkdtempSync(join(tmpdir(), "groundwork-test-")), "state.json");
    const settings = {
      cluster: { kubeconfig: "KUBECONFIG" },
      namespaces: {
        default: { labels: { guest: "yes" }, defaultDeny: true },
        guests: {
          pullSecrets: { hub: { registry: "docker.io", username: "robot", password: "PASSWORD" } },
          access: { web: { rules: [{ resources: ["pods"], verbs: ["list"] }] } },
        },
      },
    };
    const engine = guest("teams", settings, stateFile);
    await engine.up();
    const kubeconfig = readFileSync(theLab().paths.kubeconfig, "utf8");
    const { cluster, answer } = await fromApi(kubeconfig, { namespace: "guests", account: "team-web" }, 3600);
    const kubectl = asTeam(kubeconfigText("guests", cluster, "guests", tokenIn(answer).text));
    assert.match(await kubectl("get", "pods", "-o", "name"), /^(pod\/.*\n)*$/);
    await assert.rejects(kubectl("get", "pods", "--namespace", "default"), /is forbidden/);
    await assert.rejects(kubectl("get", "configmaps"), /is forbidden/);

    type Login = KubernetesObject & { data: Record<string, string>; imagePullSecrets?: unknown };
    const [secret] = await theLab().get<Login>("secrets", "-n", "guests", "--field-selector", "metadata.name=hub");
    const login = Buffer.from(secret?.data[".dockerconfigjson"] ?? "", "base64").toString();
    const auth = Buffer.from(`robot:${PASSWORD}`).toString("base64");
    assert.deepEqual(JSON.parse(login), {
      auths: { "https://index.docker.io/v1/": { username: "robot", password: PASSWORD, auth } },
    });
    const state = readFileSync(stateFile, "utf8");
    for (const text of [PASSWORD, auth, Buffer.from(login).toString("base64")]) assert.ok(!state.includes(text));
    const accounts = await theLab().get<Login>("serviceaccounts", "-n", "guests");
    const own = accounts.find(({ metadata }) => metadata.name === "default");
    assert.deepEqual(own?.imagePullSecrets, [{ name: "hub" }]);
    const ofDefault = async (): Promise<unknown> =>
      (await theLab().get("namespaces")).find(({ metadata }) => metadata.name === "default")?.metadata.labels?.[
        "guest"
      ];
    assert.equal(await ofDefault(), "yes");
    assert.ok((await theLab().get("networkpolicies")).some(({ metadata }) => metadata.name === "default-deny"));
    assert.equal((await engine.up()).changed, false);
    await engine.destroy();
    assert.ok((await namespaces()).includes("default"));
    assert.ok(!(await namespaces()).includes("guests"));
    assert.equal(await ofDefault(), undefined);
    assert.deepEqual(await theLab().get("networkpolicies"), []);
    // Refused either way: an API server remembers for some seconds whose a token was, and then finds no right for it.
    await assert.rejects(kubectl("get", "pods"), /Unauthorized|must be logged in|is forbidden/);
  });

  it("installs charts of one's own, one after another, with secrets as values, and takes them away again", async () => {
    const chart = (name: string, text: string): string => {
      const directory = join(mkdtempSync(join(tmpdir(), "groundwork-test-")), name);
      mkdirSync(join(directory, "templates"), { recursive: true });
      writeFileSync(join(directory, "Chart.yaml"), `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`);
      writeFileSync(join(directory, "templates/secret.yaml"), text);
      return directory;
    };
    const secret = `apiVersion: v1
kind: Secret
metadata: { name: {{ .Release.Name }} }
stringData: { password: {{ .Values.auth.password | quote }}, user: {{ .Values.auth.user }} }
`;
    // Fails where the other is not there yet.
    const needsIt = `{{ if not (lookup "v1" "Secret" "shop" "db") }}{{ fail "db is not there yet" }}{{ end }}`;
    const engine = guest("charts", {
      cluster: { kubeconfig: "KUBECONFIG" },
      namespaces: { shop: {} },
      releases: {
        web: { chart: chart("web", needsIt), namespace: "shop", after: ["db"] },
        db: {
          chart: chart("db", secret),
          namespace: "shop",
          values: { auth: { user: "shop" } },
          secretValues: { "auth.password": "PASSWORD" },
        },
      },
    });
    await engine.up();
    const { data } = (
      await theLab().get("secrets", "--namespace", "shop", "--field-selector", "metadata.name=db")
    )[0] as unknown as {
      data: Record<string, string>;
    };
    assert.equal(Buffer.from(data["user"] ?? "", "base64").toString(), "shop");
    assert.equal(Buffer.from(data["password"] ?? "", "base64").toString(), PASSWORD);
    assert.equal((await engine.up()).changed, false);
    await engine.destroy();
    assert.ok(!(await namespaces()).includes("shop"));
  });

  it("changes the provisioner of NFS volumes under the same class, and back", async () => {
    const engine = (provisioner: string, file: string): LabEngine =>
      guest(
        "nfs",
        {
          cluster: { kubeconfig: "KUBECONFIG" },
          storage: {
            nfs: {
              provisioner,
              chart: join(__dirname, `../../../addons/${file}/stand-in`),
              server: "192.0.2.50",
              path: "/export",
              mountOptions: ["hard"],
            },
          },
        },
        state,
      );
    const state = join(mkdtempSync(join(tmpdir(), "groundwork-test-")), "state.json");
    const classes = async (): Promise<unknown[]> =>
      (await theLab().get("storageclasses", "--field-selector", "metadata.name=nfs-client")).map(
        (one) => (one as unknown as { readonly provisioner: string }).provisioner,
      );
    const subdir = engine("nfs-subdir-external-provisioner", "nfs-provisioner");
    const csi = engine("csi-driver-nfs", "csi-driver-nfs");
    for (const [each, provisioner, namespace, other] of [
      [subdir, "cluster.local/nfs-subdir-external-provisioner", "nfs-provisioner", "csi-driver-nfs"],
      [csi, "nfs.csi.k8s.io", "csi-driver-nfs", "nfs-provisioner"],
      [subdir, "cluster.local/nfs-subdir-external-provisioner", "nfs-provisioner", "csi-driver-nfs"],
    ] as const) {
      await each.up();
      assert.deepEqual(await classes(), [provisioner]);
      assert.ok((await namespaces()).includes(namespace));
      assert.ok(!(await namespaces()).includes(other));
      assert.equal((await each.up()).changed, false);
    }
    await subdir.destroy();
    assert.deepEqual(await classes(), []);
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
