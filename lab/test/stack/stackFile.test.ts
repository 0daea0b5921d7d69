import assert from "node:assert/strict";
import { parse } from "yaml";
import { parseSettings } from "../../../config/read/parse";
import { Secret } from "../../../config/secret";
import type { StackCipher } from "../../../config/read/stackCipher";
import { siteNames } from "../../stack/stackSettings";
import { stackFileText } from "../../stack/stackFile";
import type { LabState } from "../../state";

const host = (name: string, role: "server" | "agent", octet: number, sshPort: number) => ({
  name,
  role,
  octet,
  sshPort,
  hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFBYNz2VnINwgx0W6ciNQvkgVjvu6gYOiN8DYRIwN0G7",
});
const state: LabState = {
  schema: 2,
  name: "default",
  loopback: "127.0.0.1",
  prefix: "172.30.4",
  k3s: "hollow",
  servers: 1,
  agents: 2,
  hosts: [
    host("server-1", "server", 11, 22001),
    host("agent-1", "agent", 31, 22002),
    host("agent-2", "agent", 32, 22003),
  ],
};
// Encryption proper has its own test.
const cipher: StackCipher = {
  salt: "v1:salt:v1:x:y",
  encrypt: (text) => `v1:${Buffer.from(text).toString("base64")}`,
  decrypt: (value) => Buffer.from(value.slice(3), "base64").toString(),
};
const input = { state, privateKey: "PRIVATE KEY", tsigKey: "VFNJRyBLRVk=", charts: "stand-in" as const };
type File = { config: Record<string, Record<string, unknown>> };

describe("the stack's file of a lab", () => {
  it("has settings that the parser takes without a problem", () => {
    for (const charts of ["stand-in", "real"] as const) {
      const { config } = parse(stackFileText(undefined, { ...input, charts }, cipher)) as File;
      const raw = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace("groundwork:", ""), value]),
      );
      raw["ssh"] = { ...raw["ssh"], privateKey: Secret.sealed() };
      raw["issuers"] = {
        ...raw["issuers"],
        "lets-encrypt": { ...(raw["issuers"]?.["lets-encrypt"] as object), tsigSecret: Secret.sealed() },
      };
      const parsed = parseSettings(raw, { stack: "lab", missingSecrets: "error" });
      assert.deepEqual(parsed.problems, []);
      assert.equal(parsed.settings?.k3s.mirror, "http://172.30.4.2/k3s");
    }
  });

  it("never holds a key in the clear", () => {
    const text = stackFileText(undefined, input, cipher);
    assert.ok(!text.includes("PRIVATE KEY"));
    assert.ok(!text.includes("VFNJRyBLRVk="));
    assert.ok(text.includes("secure: v1:"));
  });

  it("is the same when nothing changed", () => {
    const text = stackFileText(undefined, input, cipher);
    assert.equal(stackFileText(text, input, cipher), text);
  });

  it("keeps what a person set, with comments, and writes the machine's part again", () => {
    const mine = stackFileText(undefined, input, cipher)
      .replace("  groundwork:ingress:", "  # mine\n  groundwork:ingress:")
      .replace("controller: ingress-nginx", "controller: none")
      .replace("    - name: agent-1\n", "    - name: agent-1\n      labels:\n        disk: ssd\n");
    const moved = { ...state, hosts: state.hosts.map((one) => ({ ...one, sshPort: one.sshPort + 100 })) };
    const text = stackFileText(mine, { ...input, state: moved }, cipher);
    assert.ok(text.includes("# mine\n"));
    const { config } = parse(text) as { config: Record<string, never> };
    assert.equal(config["groundwork:ingress"]?.["controller"], "none");
    const agent = (config["groundwork:nodes"] as unknown as Record<string, unknown>[])[1];
    assert.deepEqual(agent?.["labels"], { disk: "ssd" });
    assert.deepEqual(agent?.["ssh"], { port: 22102 });
  });

  it("gives its own issuer the name server and the key that the lab has now, and no other issuer", () => {
    const first = stackFileText(undefined, input, cipher);
    const now = { ...input, state: { ...state, prefix: "172.30.9" }, tsigKey: "QU5PVEhFUg==" };
    const issuer = (text: string) =>
      (parse(text) as { config: Record<string, Record<string, Record<string, unknown>>> }).config[
        "groundwork:issuers"
      ]?.["lets-encrypt"];
    const moved = issuer(stackFileText(first, now, cipher));
    assert.equal(moved?.["nameserver"], "172.30.9.2:5300");
    assert.deepEqual(moved["tsigSecret"], { secure: cipher.encrypt("QU5PVEhFUg==") });
    const mine = first.replace("tsigKeyName: lab", "tsigKeyName: mine");
    assert.deepEqual(issuer(stackFileText(mine, now, cipher)), issuer(mine));
  });

  it("leaves a stack alone that takes k3s from the hosts' own directory", () => {
    const airGap = stackFileText(undefined, input, cipher).replace(
      "http://172.30.4.2/k3s",
      "file:///srv/groundwork-lab/k3s",
    );
    assert.ok(stackFileText(airGap, input, cipher).includes("mirror: file:///srv/groundwork-lab/k3s"));
  });

  it("drops the node of a host that is gone, and no other", () => {
    const fewer = { ...state, hosts: state.hosts.slice(0, 2) };
    const { config } = parse(
      stackFileText(stackFileText(undefined, input, cipher), { ...input, state: fewer }, cipher),
    ) as File;
    const nodes = config["groundwork:nodes"] as unknown as { name: string }[];
    assert.deepEqual(
      nodes.map((node) => node.name),
      ["server-1", "agent-1"],
    );
  });

  it("that is not YAML is refused in one line", () => {
    assert.throws(
      () => stackFileText("config: [", input, cipher, "Pulumi.lab.yaml"),
      /^LabError: Pulumi\.lab\.yaml is not YAML: /,
    );
  });

  it("goes with the names that the site's resolver answers", () => {
    assert.equal(
      siteNames("172.30.4", state.hosts.slice(0, 1)),
      "172.30.4.2 site.lab.test site\n172.30.4.11 server-1.lab.test server-1\n" +
        "172.30.4.2 acme-v02.api.letsencrypt.org acme-staging-v02.api.letsencrypt.org\n",
    );
  });
});
