import assert from "node:assert/strict";
import { eventually, type KubernetesNode, type RunFailed } from "./clusterOnLab";
import { keptState, life, traces, watchProcesses } from "./hostFacts";
import { stateText } from "./mainJob/bringUp";
import { oneLab, withoutAddons } from "./oneLab";

const HOST = "server-1";
const REGISTRY = "registry.example.org:5000";
const REGISTRIES = "/etc/rancher/k3s/registries.yaml";
const PASSWORD = "registry-CANARY-1";
const NEW_PASSWORD = "registry-CANARY-2";
const TOKEN = "manifest-CANARY-3";
const PROXY = "http://user:proxy-CANARY-4@proxy.example.org:3128";

const CONFIG_MAP = `apiVersion: v1
kind: ConfigMap
metadata:
  name: from-the-stack
  namespace: kube-system
data:
  by: manifests
`;
const SECRET = `apiVersion: v1
kind: Secret
metadata:
  name: from-the-stack
  namespace: kube-system
stringData:
  token: ${TOKEN}
`;
const CNI = `{"cniVersion": "1.0.0", "name": "own", "plugins": [{"type": "bridge"}]}`;

// One lab for all of it, in this order.
describe("what k3s is given on a host", function () {
  const theLab = oneLab(this, "test-files", async (lab) => {
    await lab.up({ servers: 1, agents: 0 });
    withoutAddons(lab);
    lab.set(["network", "flannelBackend"], "none");
    lab.set(["k3s", "server"], { "disable-network-policy": true });
    lab.set(["k3s", "registries"], { mirrors: { "docker.io": { endpoint: [`https://${REGISTRY}`] } } });
    lab.setSecret(["k3s", "registries", "configs", REGISTRY, "auth", "username"], "puller");
    lab.setSecret(["k3s", "registries", "configs", REGISTRY, "auth", "password"], PASSWORD);
    lab.set(["k3s", "environment"], { NO_PROXY: ".corp.example" });
    lab.setSecret(["k3s", "secretEnvironment", "HTTPS_PROXY"], PROXY);
    lab.set(["k3s", "manifests"], { own: CONFIG_MAP });
    lab.setSecret(["k3s", "secretManifests", "own-secret"], SECRET);
  });

  it("lets a first server up without a CNI: registered, not Ready, with its manifests applied", async () => {
    const { text } = await theLab().run();
    assert.match(text, /server-1 is registered, and Ready as soon as a CNI is installed: server, \S+, etcd voter/);
    assert.deepEqual(await readiness(), ["server-1 False"]);
    const given = await eventually("the manifests", () =>
      theLab().kubectl([
        "get",
        "secret,configmap",
        "-n",
        "kube-system",
        "from-the-stack",
        "-o",
        "jsonpath={.items[*].data}",
      ]),
    );
    assert.match(given, /"by":"manifests"/);
    assert.match(given, new RegExp(Buffer.from(TOKEN).toString("base64")));
  });

  it("keeps a registry's credentials and a proxy's password for root, and shows them nowhere", async () => {
    const lab = theLab();
    assert.equal(
      await lab.on(HOST, `stat -c '%a %U' ${REGISTRIES} /etc/systemd/system/k3s.env; cat ${REGISTRIES}`),
      `600 root\n600 root\nmirrors:\n  docker.io:\n    endpoint:\n      - https://${REGISTRY}\nconfigs:\n  ${REGISTRY}:\n    auth:\n      username: puller\n      password: ${PASSWORD}`,
    );
    const journal = await lab.on(HOST, "journalctl -q --no-pager | grep -c CANARY || true");
    assert.equal(journal, "0", "the journal has a secret");
    for (const [what, text] of Object.entries({ printed: lab.said(), state: stateText(lab) })) {
      assert.ok(!text.includes("CANARY"), `${what} has a secret`);
    }
    const readable = await lab.on(
      HOST,
      "find / -xdev -type f -perm /o=r -size -1M -exec grep -l CANARY {} + 2>/dev/null || true",
    );
    assert.equal(readable, "", "a file that everybody can read has a secret");
  });

  it("starts k3s with the proxy, and with all of the cluster's own in NO_PROXY", async () => {
    const variables = await theLab().on(
      HOST,
      "tr '\\0' '\\n' </proc/$(systemctl show -p MainPID --value k3s)/environ | grep PROXY | sort",
    );
    assert.match(variables, new RegExp(`^HTTPS_PROXY=${PROXY}$`, "m"));
    assert.match(
      variables,
      /^NO_PROXY=\.corp\.example,localhost,127\.0\.0\.0\/8,::1,10\.42\.0\.0\/16,10\.43\.0\.0\/16,\.svc,\.cluster\.local,/m,
    );
  });

  it("makes the node Ready when a file brings the CNI's configuration, and k3s need not restart for that", async () => {
    const lab = theLab();
    const before = await life(lab, HOST);
    lab.set(["k3s", "files"], { "/etc/cni/net.d/10-own.conflist": { content: CNI, mode: "644", restart: false } });
    await lab.apply();
    await eventually("the node to be Ready", async () => (await readiness())[0] === "server-1 True");
    assert.equal(await life(lab, HOST), before);
    assert.deepEqual((await lab.apply()).operations, []);
  });

  it("restarts k3s for another password, which is in no argument on its way", async () => {
    const lab = theLab();
    const before = await life(lab, HOST);
    const stop = await watchProcesses(lab, HOST, [NEW_PASSWORD]);
    lab.setSecret(["k3s", "registries", "configs", REGISTRY, "auth", "password"], NEW_PASSWORD);
    const { operations } = await lab.apply();
    assert.deepEqual(await stop(), []);
    assert.deepEqual(
      operations,
      ["token", "drain", "", "ready"].map((step) => `updated ${HOST}${step && `-${step}`}`),
    );
    assert.notEqual(await life(lab, HOST), before);
    assert.match(await lab.on(HOST, `cat ${REGISTRIES}`), new RegExp(NEW_PASSWORD));
    assert.ok(!(lab.said() + stateText(lab)).includes("CANARY"));
  });

  it("leaves one of the host's own alone, and says so before anything is changed", async () => {
    const lab = theLab();
    await lab.on(HOST, "echo mine >/etc/rancher/k3s/audit.yaml");
    const before = await life(lab, HOST);
    lab.set(["k3s", "files", "/etc/rancher/k3s/audit.yaml"], { content: "rules: []\n" });
    await assert.rejects(lab.apply(), (failed: RunFailed) => {
      assert.match(
        failed.reported,
        /\/etc\/rancher\/k3s\/audit\.yaml is there already, and Groundwork did not write it/,
      );
      return true;
    });
    assert.equal(await lab.on(HOST, "cat /etc/rancher/k3s/audit.yaml"), "mine");
    assert.equal(await life(lab, HOST), before);
    lab.set(["k3s", "files", "/etc/rancher/k3s/audit.yaml"], undefined);
  });

  it("takes away what the settings do not name any more, and everything with the node", async () => {
    const lab = theLab();
    lab.set(["k3s", "registries"], undefined);
    lab.set(["k3s", "secretManifests"], undefined);
    const { text } = await lab.apply();
    assert.match(text, /what own-secret\.yaml made stays in the cluster/);
    assert.equal(await lab.on(HOST, `ls ${REGISTRIES} 2>/dev/null || true`), "");
    assert.match(await lab.kubectl(["get", "secret", "-n", "kube-system", "from-the-stack"]), /from-the-stack/);
    await lab.on(HOST, "rm /etc/rancher/k3s/audit.yaml");
    await lab.destroy();
    assert.deepEqual(await traces(lab, HOST), []);
    assert.deepEqual(await keptState(lab, HOST), []);
    assert.equal(await lab.on(HOST, "ls -d /etc/cni 2>/dev/null || true"), "");
  });

  async function readiness(): Promise<string[]> {
    const nodes = await theLab().get<KubernetesNode>("nodes");
    return nodes.map(
      ({ metadata, status }) =>
        `${metadata.name} ${status.conditions.find(({ type }) => type === "Ready")?.status ?? ""}`,
    );
  }
});
