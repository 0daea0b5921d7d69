import * as assert from "node:assert/strict";
import { problemLine } from "../../../config/problem";
import { Secret } from "../../../config/secret";
import { parseStackFile, stackFileSource } from "../../../config/read/stackFile";

const read = (text: string): { raw: unknown; lines: string[] } => {
  const { raw, problems } = parseStackFile(text, "Pulumi.dev.yaml");
  return { raw, lines: problems.map(problemLine) };
};

describe("parseStackFile", () => {
  it("takes the keys of groundwork and no others", () => {
    const { raw, lines } = read(
      "config:\n  groundwork:dns: { upstream: [10.0.0.1] }\n  aws:region: eu\nencryptionsalt: v1:x\n",
    );
    assert.deepEqual(lines, []);
    assert.deepEqual(raw, { dns: { upstream: ["10.0.0.1"] } });
  });

  it("takes an empty file for an empty stack", () => {
    for (const text of ["", "config:\n", "config: {}\n", "# nothing\n", "encryptionsalt: v1:x\n"]) {
      assert.deepEqual(read(text), { raw: {}, lines: [] });
    }
  });

  it("leaves encrypted values sealed", () => {
    const { raw, problems } = parseStackFile(
      "config:\n  groundwork:ssh:\n    privateKey:\n      secure: v1:abc\n    bastions: { gate: { privateKey: { secure: v1:def } } }\n",
      "Pulumi.dev.yaml",
    );
    assert.deepEqual(problems, []);
    const ssh = raw["ssh"] as { privateKey: Secret; bastions: { gate: { privateKey: Secret } } };
    assert.ok(ssh.privateKey instanceof Secret && !ssh.privateKey.isKnown);
    assert.ok(ssh.bastions.gate.privateKey instanceof Secret);
    assert.equal(
      JSON.stringify(raw),
      '{"ssh":{"privateKey":"[secret]","bastions":{"gate":{"privateKey":"[secret]"}}}}',
    );
  });

  it("refuses every secret in plain text, without showing it", () => {
    const { raw, lines } = read(
      "config:\n  groundwork:k3s: { token: hunter2 }\n  groundwork:issuers: { a.b: { type: acme-dns01, tsigSecret: hunter3 } }\n" +
        "  groundwork:ssh: { privateKey: hunter4 }\n",
    );
    assert.deepEqual(lines, [
      "ssh.privateKey: is a secret in plain text; it is no secret any more: make a new one and set it with: " +
        "pulumi config set --secret --path 'groundwork:ssh.privateKey' < FILE",
      "k3s.token: is a secret in plain text; it is no secret any more: make a new one and set it with: " +
        "pulumi config set --secret --path 'groundwork:k3s.token'",
      'issuers["a.b"].tsigSecret: is a secret in plain text; it is no secret any more: make a new one and set it with: ' +
        "pulumi config set --secret --path 'groundwork:issuers[\"a.b\"].tsigSecret'",
    ]);
    assert.doesNotMatch(JSON.stringify(raw), /hunter/);
  });

  it("says in one line where the YAML is broken", () => {
    assert.deepEqual(read("config:\n  groundwork:dns: [\n  x: }\n").lines.length, 1);
    assert.match(
      read("config:\n  groundwork:dns:\n    upstream: [10.0.0.1\n  groundwork:ssh: {}\n").lines[0] ?? "",
      /^Pulumi\.dev\.yaml:\d+:\d+: is not valid YAML: .+; look at this line and the one above it$/,
    );
    assert.match(read("config:\n\tgroundwork:dns: {}\n").lines[0] ?? "", /^Pulumi\.dev\.yaml:2:1: is not valid YAML: /);
    assert.match(read("config: { a: 1, a: 2 }").lines[0] ?? "", /is not valid YAML: Map keys must be unique/);
  });

  it("says what is missing in a file of another kind", () => {
    assert.deepEqual(read("- a\n").lines, [
      "Pulumi.dev.yaml: is not a stack's file; write 'config:' with 'groundwork:…' keys under it",
    ]);
    assert.deepEqual(read("config: [a]\n").lines, [
      "Pulumi.dev.yaml: has a 'config' that is not a group of settings; write 'groundwork:…' keys under it",
    ]);
  });

  it("takes what ends in broken aliases as broken", () => {
    assert.equal(read("config: { groundwork:dns: *nowhere }\n").lines.length, 1);
  });

  it("is a source in which missing secrets are warnings", () => {
    const source = stackFileSource("config: {}", "Pulumi.dev.yaml", () => undefined);
    assert.equal(source.missingSecrets, "warning");
  });
});
