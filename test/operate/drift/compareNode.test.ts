import assert from "node:assert/strict";
import { compareNode } from "../../../operate/drift/compareNode";
import { compareReleases } from "../../../operate/drift/compareReleases";
import type { KubeNode } from "../../../operate/kubeObjects";
import { chartIn, newestOf } from "../../../operate/releases";
import type { DesiredRelease } from "../../../addons/resources";
import { gzipSync } from "node:zlib";
import { desiredNode, nodes } from "../../program";

const [server, agent] = nodes("server:s1", "agent:a1");
const node = desiredNode("a1", {
  nodes: [
    server,
    {
      ...agent,
      labels: { disk: "ssd", rack: "" },
      annotations: { "example.org/row": "row 7" },
      taints: ["gpu=true:NoSchedule", "spot:NoExecute"],
    },
  ],
  k3s: { version: "v1.36.4+k3s1" },
});

function known(changes: {
  labels?: Record<string, string>;
  row?: string;
  taints?: KubeNode["spec"]["taints"];
  version?: string;
}): KubeNode {
  const { labels = { disk: "ssd", rack: "" }, version = "v1.36.4+k3s1" } = changes;
  const taints = changes.taints ?? [
    { key: "gpu", value: "true", effect: "NoSchedule" },
    { key: "spot", effect: "NoExecute" },
    { key: "of-somebody-else", effect: "NoSchedule" },
  ];
  return {
    metadata: {
      name: "a1",
      labels: { ...labels, other: "x" },
      annotations: { "example.org/row": changes.row ?? "row 7", "somebody.example.org/note": "x" },
    },
    spec: { taints },
    status: { nodeInfo: { kubeletVersion: version } },
  };
}
const messages = (state: KubeNode | undefined): string[] => compareNode(node, state).map(({ message }) => message);

describe("a node beside the stack file", () => {
  it("is as it says, whatever labels and taints others put there", () => {
    assert.deepEqual(compareNode(node, known({})), []);
  });

  it("lacks labels and taints, or has other values of them", () => {
    const taints = [{ key: "gpu", value: "false", effect: "NoSchedule" }];
    assert.deepEqual(messages(known({ labels: { disk: "hdd" }, row: "row 8", taints })), [
      "label disk is hdd, expected ssd",
      "label rack= is missing",
      "annotation example.org/row is 'row 8', expected 'row 7'",
      "taint gpu:NoSchedule has the value false, expected true",
      "taint spot:NoExecute is missing",
    ]);
  });

  it("runs another k3s, which a drained up mends, or is no member at all", () => {
    assert.deepEqual(compareNode(node, known({ version: "v1.36.2+k3s1" })), [
      {
        check: "version",
        where: "a1",
        level: "error",
        message: "k3s v1.36.2+k3s1 runs, expected v1.36.4+k3s1",
        remedy: "groundwork drift --repair, then up",
        mendedBy: "drained up",
      },
    ]);
    assert.deepEqual(messages(undefined), ["it is not a member of the cluster"]);
  });
});

describe("releases beside the stack file", () => {
  const wanted: DesiredRelease = {
    is: "release",
    name: "longhorn",
    namespace: "longhorn-system",
    chart: { chart: "longhorn", version: "1.11.3" },
    values: {},
    atomic: true,
    wait: true,
    timeoutSeconds: 600,
    description: undefined,
    after: [],
    protect: false,
  };
  const listed = [
    "longhorn-system|sh.helm.release.v1.longhorn.v9|longhorn|9|superseded",
    "longhorn-system|sh.helm.release.v1.longhorn.v10|longhorn|10|failed",
    "kube-system|sh.helm.release.v1.traefik.v1|traefik|1|deployed",
    "",
  ].join("\n");

  it("count by their newest revision, which is the one of the highest number", () => {
    assert.deepEqual(
      newestOf(listed).map(({ name, revision, status }) => [name, revision, status]),
      [
        ["longhorn", 10, "failed"],
        ["traefik", 1, "deployed"],
      ],
    );
  });

  it("drift by chart and by status, and when they are gone", () => {
    const [newest] = newestOf(listed);
    const found = { ...newest!, chart: { name: "longhorn", version: "1.10.0" } };
    const said = (known: Parameters<typeof compareReleases>[1]): string[] =>
      compareReleases([wanted], known).map(({ where, message }) => `${where ?? ""}: ${message}`);
    assert.deepEqual(said([found]), [
      "longhorn: revision 10 is failed",
      "longhorn: chart 1.10.0 is installed, expected 1.11.3",
    ]);
    assert.deepEqual(said([{ ...found, status: "deployed", chart: { name: "longhorn", version: "1.11.3" } }]), []);
    assert.deepEqual(said([]), ["longhorn: there is no release longhorn in longhorn-system"]);
  });

  it("have their chart read from Helm's Secret, and nothing is said of one that cannot be read", () => {
    const release = { config: { password: "CANARY" }, chart: { metadata: { name: "longhorn", version: "1.11.3" } } };
    const packed = gzipSync(JSON.stringify(release)).toString("base64");
    assert.deepEqual(chartIn(Buffer.from(packed).toString("base64")), { name: "longhorn", version: "1.11.3" });
    assert.equal(chartIn("bm90aGluZw=="), undefined);
  });
});
