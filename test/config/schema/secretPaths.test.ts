import * as assert from "node:assert/strict";
import { z } from "zod";
import { mapSecrets, secretPatterns } from "../../../config/read/secrets";
import { secretPatternsOf } from "../../../config/schema/secretPaths";
import { secret } from "../../../config/schema/scalars";

/** A schema with secrets in every kind of place. */
const schema = z.strictObject({
  password: secret.optional().describe("A password."),
  mirrors: z.array(z.strictObject({ host: z.string(), token: secret })).default([]),
  users: z
    .record(
      z.string(),
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("key"), key: secret.optional(), name: z.string() }),
        z.strictObject({ type: z.literal("both"), key: secret, password: secret.optional() }),
      ]),
    )
    .prefault({}),
});

describe("the secrets of a schema", () => {
  it("are found in groups, lists, names and kinds of entry, each once", () => {
    assert.deepEqual(
      secretPatternsOf(schema).map((pattern) => pattern.join(".")),
      ["password", "mirrors.[].token", "users.*.key", "users.*.password"],
    );
  });

  it("are these in a stack's settings", () => {
    assert.deepEqual(
      secretPatterns.map((pattern) => pattern.join(".")),
      [
        "cluster.kubeconfig",
        "nodes.[].ssh.sudoPassword",
        "nodes.[].files.*.secretContent",
        "ssh.sudoPassword",
        "ssh.privateKey",
        "ssh.privateKeyPassphrase",
        "ssh.bastions.*.privateKey",
        "ssh.bastions.*.privateKeyPassphrase",
        "k3s.token",
        "k3s.agentToken",
        "k3s.snapshots.s3.accessKey",
        "k3s.snapshots.s3.secretKey",
        "k3s.registries.configs.*.auth.username",
        "k3s.registries.configs.*.auth.password",
        "k3s.registries.configs.*.auth.auth",
        "k3s.registries.configs.*.auth.identity_token",
        "k3s.secretEnvironment.*",
        "k3s.files.*.secretContent",
        "k3s.secretManifests.*",
        "storage.longhorn.backupCredentials.*",
        "certificates.credentials.*.tsigSecret",
        "certificates.credentials.*.apiToken",
        "certificates.credentials.*.secretAccessKey",
        "certificates.credentials.*.token",
        "certificates.credentials.*.clientSecret",
        "certificates.credentials.*.serviceAccount",
        "certificates.credentials.*.accounts",
        "certificates.credentials.*.values.*",
        "certificates.issued.*.keystores.pkcs12.password",
        "certificates.issued.*.keystores.jks.password",
        "issuers.*.privateKey",
        "issuers.*.externalAccount.key",
        "issuers.*.tsigSecret",
        "namespaces.*.pullSecrets.*.password",
        "releases.*.secretValues.*",
      ],
    );
  });
});

describe("mapSecrets", () => {
  it("replaces what is set, at any name, and leaves the rest alone", () => {
    const raw = {
      issuers: { a: { tsigSecret: "x", zones: ["z"] }, b: null },
      k3s: { token: "y", version: "v" },
      ssh: [],
    };
    const seen: string[] = [];
    const replaced = mapSecrets(raw, (_, path) => {
      seen.push(path.join("."));
      return "[secret]";
    });
    assert.deepEqual(seen, ["k3s.token", "issuers.a.tsigSecret"]);
    assert.deepEqual(replaced, {
      issuers: { a: { tsigSecret: "[secret]", zones: ["z"] }, b: null },
      k3s: { token: "[secret]", version: "v" },
      ssh: [],
    });
    assert.equal(raw.k3s.token, "y");
  });

  it("reaches into lists", () => {
    const raw = { mirrors: [{ host: "a", token: "x" }, { host: "b" }, null] };
    assert.deepEqual(
      mapSecrets(raw, (_, path) => path.join("."), secretPatternsOf(schema)),
      { mirrors: [{ host: "a", token: "mirrors.0.token" }, { host: "b" }, null] },
    );
  });
});
