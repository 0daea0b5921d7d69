import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { stringify } from "yaml";
import { adoptionOf, type Adoption } from "../../../desired/host/adoption";
import { desiredNode, nodes, settingsOf } from "../../program";

const PARTS = join(__dirname, "..", "..", "..", "components", "k3s", "scripts");

function adoption(name: string, changes: Record<string, unknown> = {}): Adoption {
  const given = { nodes: nodes("server:s1", "agent:a1"), ...changes };
  return adoptionOf(settingsOf(given), desiredNode(name, given));
}

/** What scripts/foreign.sh makes of lines of the environment, the files and the arguments; keys to values, a list's with commas. */
function read(lines: readonly string[]): Record<string, string> {
  const script = `. ${PARTS}/foreign.sh; awk "$read_settings"`;
  const out = execFileSync("sh", ["-c", script], {
    input: lines.map((line) => `${line}\n`).join(""),
    encoding: "utf8",
  });
  return Object.fromEntries(
    out
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
const file = (text: string): string[] => ["file ---", ...text.split("\n").map((line) => `file ${line}`)];

describe("what a k3s that is taken over is compared with", () => {
  it("is what k3s takes by itself, where neither says anything else", () => {
    const found = adoption("s1", { k3s: { secretsEncryption: false } }).critical.map((line) => line.split("|"));
    assert.ok(found.length > 20);
    for (const [key, value, otherwise] of found) assert.equal(value, otherwise, key);
    assert.ok(found.some(([key, value]) => key === "cluster-dns" && value === "10.43.0.10"));
  });

  it("is what the stack says, with the setting's own name", () => {
    const network = { podCidr: "10.50.0.0/16", serviceCidr: "10.60.0.0/16", flannelBackend: "host-gw" };
    const { critical } = adoption("s1", { network, k3s: { server: { "disable-network-policy": true } } });
    for (const line of [
      "cluster-cidr|10.50.0.0/16|10.42.0.0/16|network.podCidr",
      "cluster-dns|10.60.0.10|10.60.0.10|k3s.server.cluster-dns",
      "flannel-backend|host-gw|vxlan|network.flannelBackend",
      "secrets-encryption|true|false|k3s.secretsEncryption",
      "disable-network-policy|true|false|k3s.server.disable-network-policy",
    ]) {
      assert.ok(critical.includes(line), line);
    }
  });

  it("of an agent is its runtime and its addresses", () => {
    const keys = adoption("a1").critical.map((line) => line.split("|")[0]);
    assert.deepEqual(keys.sort(), [
      "container-runtime-endpoint",
      "docker",
      "flannel-iface",
      "node-external-ip",
      "node-ip",
      "rootless",
      "snapshotter",
    ]);
  });
});

describe("the settings of a k3s that somebody else installed", () => {
  const word = fc.stringMatching(/^[a-z0-9][-a-z0-9./:=]{0,12}$/);
  const key = fc.stringMatching(/^[a-z]{3,8}(-[a-z]{2,6})?$/);

  it("are read from YAML as a YAML library reads it, in block and in flow style", () => {
    const value = fc.oneof(word, fc.boolean(), fc.integer({ min: 0, max: 70_000 }), fc.array(word, { minLength: 1 }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { minKeys: 1 }), fc.boolean(), (config, flow) => {
        const text = stringify(config, { lineWidth: 0, collectionStyle: flow ? "any" : "block" });
        const lists = stringify(config, { lineWidth: 0 }).replaceAll(/:\n((?: {2}- .*\n)+)/g, (_all, items: string) => {
          return `: [${items
            .split("\n")
            .slice(0, -1)
            .map((item) => item.slice(4))
            .join(", ")}]\n`;
        });
        const wanted = Object.fromEntries(Object.entries(config).map(([name, one]) => [name, [one].flat().join(",")]));
        for (const [name, is] of Object.entries(read(file(flow ? lists : text)))) {
          assert.equal(is, /(^|-)token$/.test(name) ? "given" : wanted[name], text);
        }
        assert.deepEqual(Object.keys(read(file(flow ? lists : text))).sort(), Object.keys(wanted).sort());
      }),
      { numRuns: 60 },
    );
  });

  for (const [what, lines, wanted] of [
    ["quotes and comments", file('a: \'x # y\' # z\n"b": "1:2"\n# c: d\nx:   e # f'), { a: "x # y", b: "1:2", x: "e" }],
    ["lists without indentation", file("tls-san:\n- a\n- 'b'\n\nx: e"), { "tls-san": "a,b", x: "e" }],
    ["a later file in place of an earlier one", [...file("a: [b, c]\nx: 1"), ...file("a: e")], { a: "e", x: "1" }],
    ["a later file that adds", [...file("a: [b, c]"), ...file("a+:\n  - d")], { a: "b,c,d" }],
    [
      "arguments before files before the environment",
      ["env K3S_NODE_NAME='x'", "env K3S_DEBUG=true", ...file("node-name: y"), "arg --node-name=z"],
      { "node-name": "z", debug: "true" },
    ],
    [
      "arguments in all their forms",
      ["arg --a", "arg b", "arg -x=d", "arg --e", "arg --a=f", "arg -s", "arg https://x"],
      { a: "b,f", x: "d", e: "true", server: "https://x" },
    ],
    [
      "old names",
      ["arg --no-deploy", "arg traefik", "env K3S_URL=https://s:6443"],
      { disable: "traefik", server: "https://s:6443" },
    ],
    [
      "secrets by name only",
      [
        "arg --token=s3cret",
        "env K3S_DATASTORE_ENDPOINT=mysql://s3cret",
        ...file("agent-token: s3cret\netcd-s3-secret-key: s3cret"),
      ],
      { token: "given", "datastore-endpoint": "given", "agent-token": "given", "etcd-s3-secret-key": "given" },
    ],
    ["nothing of the environment but k3s's own", ["env HTTP_PROXY=http://p", "env # K3S_X=1"], {}],
    [
      "what cannot be read by its key alone",
      file("a: &x b\ntoken: |\n  s3cret\nx: f"),
      { x: "f", "?": "a token token" },
    ],
  ] as readonly (readonly [string, readonly string[], Record<string, string>])[]) {
    it(`are read with ${what}`, () => {
      assert.deepEqual(read(lines), wanted);
    });
  }
});
