import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { kubeconfigFiles, mergeKubeconfig, type Merge } from "../../operate/kubeconfigFile";

const cluster = (authority: string): string => `apiVersion: v1
kind: Config
clusters:
  - name: home
    cluster: { certificate-authority-data: ${authority}, server: "https://192.0.2.11:6443" }
contexts:
  - name: home
    context: { cluster: home, user: home }
users:
  - name: home
    user: { client-certificate-data: AAAA, client-key-data: BBBB }
current-context: home
`;

const OTHERS = `# my clusters
apiVersion: v1
kind: Config
clusters:
- cluster:
    server: https://work.example.org   # behind the VPN
  name: work
contexts:
- context:
    cluster: work
    user: me
    namespace: apps
  name: work
current-context: work
users:
- name: me
  user:
    token: secret
`;

describe("merging into the user's own kubeconfig", () => {
  let directory: string;
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "groundwork-merge-"))));
  afterEach(() => rmSync(directory, { recursive: true }));
  const at = (name: string): string => join(directory, name);
  const merge = (more: Partial<Merge> = {}): Merge => ({
    kubeconfig: cluster("Q0E="),
    name: "home",
    use: false,
    replace: false,
    ...more,
  });
  const written = (name: string) => parse(readFileSync(at(name), "utf8")) as Record<string, unknown>;

  it("adds a cluster, a user and a context, and leaves comments, others and the current context as they are", () => {
    writeFileSync(at("config"), OTHERS);
    const { files, current } = mergeKubeconfig(merge({ name: "k3s" }), [at("config")]);
    assert.deepEqual([files, current], [[at("config")], "work"]);
    const text = readFileSync(at("config"), "utf8");
    assert.match(text, /^# my clusters$/m);
    assert.match(text, /work\.example\.org +# behind the VPN$/m);
    const before = parse(OTHERS) as Record<string, unknown[]>;
    assert.deepEqual(written("config"), {
      ...before,
      clusters: [
        ...before["clusters"]!,
        { name: "k3s", cluster: { "certificate-authority-data": "Q0E=", server: "https://192.0.2.11:6443" } },
      ],
      contexts: [...before["contexts"]!, { name: "k3s", context: { cluster: "k3s", user: "k3s" } }],
      users: [
        ...before["users"]!,
        { name: "k3s", user: { "client-certificate-data": "AAAA", "client-key-data": "BBBB" } },
      ],
    });
  });

  it("writes nothing when all is there, and new credentials in place", () => {
    mergeKubeconfig(merge(), [at("config")]);
    assert.deepEqual(mergeKubeconfig(merge(), [at("config")]).files, []);
    mergeKubeconfig(merge({ kubeconfig: cluster("Q0E=").replace("AAAA", "CCCC") }), [at("config")]);
    const { users } = written("config") as { users: { user: Record<string, string> }[] };
    assert.deepEqual(
      users.map(({ user }) => user["client-certificate-data"]),
      ["CCCC"],
    );
  });

  it("makes a new file for its owner alone, and keeps the mode and the link of one that is there", () => {
    mergeKubeconfig(merge(), [join(directory, "new", "config")]);
    assert.equal(statSync(join(directory, "new", "config")).mode & 0o777, 0o600);
    writeFileSync(at("real"), OTHERS);
    chmodSync(at("real"), 0o640);
    symlinkSync(at("real"), at("config"));
    mergeKubeconfig(merge(), [at("config")]);
    assert.equal(statSync(at("real")).mode & 0o777, 0o640);
    assert.match(readFileSync(at("real"), "utf8"), /name: home/);
    assert.deepEqual(readdirSync(directory).sort(), ["config", "new", "real"]);
  });

  it("follows KUBECONFIG: an entry is changed where it is, a new one goes into the first file that exists", () => {
    writeFileSync(at("b"), OTHERS);
    writeFileSync(at("c"), cluster("Q0E="));
    const files = kubeconfigFiles({ KUBECONFIG: [at("a"), at("b"), "", at("c"), at("b")].join(":") });
    assert.deepEqual(files, [at("a"), at("b"), at("c")]);
    const renewed = merge({ kubeconfig: cluster("Q0E=").replace("AAAA", "CCCC") });
    assert.deepEqual(mergeKubeconfig(renewed, files).files, [at("c")]);
    assert.deepEqual(mergeKubeconfig(merge({ name: "k3s" }), files).files, [at("b")]);
    assert.equal(existsSync(at("a")), false);
    assert.deepEqual(kubeconfigFiles({ HOME: "/home/ops" }), ["/home/ops/.kube/config"]);
  });

  it("sets the current context only when asked, in the file that has one", () => {
    writeFileSync(at("a"), "apiVersion: v1\nkind: Config\n");
    writeFileSync(at("b"), OTHERS);
    assert.equal(mergeKubeconfig(merge({ use: true }), [at("a"), at("b")]).current, "home");
    assert.equal(written("b")["current-context"], "home");
    assert.equal(written("a")["current-context"], undefined);
  });

  it("does not take another cluster's name unless told to", () => {
    mergeKubeconfig(merge(), [at("config")]);
    const another = merge({ kubeconfig: cluster("T1RIRVI=") });
    assert.throws(() => mergeKubeconfig(another, [at("config")]), {
      message: `${at("config")} has a cluster 'home' with another certificate authority`,
      remedy: "merge under another name with --context NAME, or take its place with --replace",
    });
    mergeKubeconfig({ ...another, replace: true }, [at("config")]);
    assert.match(readFileSync(at("config"), "utf8"), /T1RIRVI=/);
  });

  for (const [what, text, reason] of [
    ["is not YAML", "clusters: [\n", /is not a kubeconfig: /],
    ["is a list", "- a\n", /is not a kubeconfig: it is no group of keys/],
    ["has no list of clusters", "clusters: {home: 1}\n", /'clusters' is no list of entries with a name/],
    ["has a user without a name", "users: [{user: {}}]\n", /'users' is no list of entries with a name/],
  ] as const) {
    it(`leaves every file alone when one ${what}`, () => {
      writeFileSync(at("a"), OTHERS);
      writeFileSync(at("b"), text);
      assert.throws(() => mergeKubeconfig(merge(), [at("a"), at("b")]), reason);
      assert.deepEqual([readFileSync(at("a"), "utf8"), readFileSync(at("b"), "utf8")], [OTHERS, text]);
    });
  }

  it("waits for nobody: a file that kubectl is writing is an error", () => {
    writeFileSync(at("config"), OTHERS);
    writeFileSync(at("config.lock"), "");
    assert.throws(() => mergeKubeconfig(merge(), [at("config")]), /is being written by another program/);
    assert.equal(readFileSync(at("config"), "utf8"), OTHERS);
    assert.ok(existsSync(at("config.lock")), "another program's lock stays");
  });
});
