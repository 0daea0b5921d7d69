import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { engineSource, loadSettings } from "../../../config/read/load";
import { GroundworkError } from "../../../config/groundworkError";
import { problemLine, type Problem } from "../../../config/problem";
import { Secret } from "../../../config/secret";
import { stackFileSource } from "../../../config/read/stackFile";
import { hostKeys, stack } from "../fixtures";

const nodes = JSON.stringify([{ name: "s1", role: "server", address: "10.0.0.11", hostKey: hostKeys[0] }]);
const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";

/** What the engine hands over: keys with their JSON, and the names of those with a secret in them. */
function engineHas(config: Record<string, string>, secretKeys: string[] = []): void {
  pulumi.runtime.setAllConfig(config, secretKeys);
}

function problemsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    assert.ok(GroundworkError.isInstance(error));
    return error.problems.map(problemLine);
  }
  return [];
}

describe("engineSource and loadSettings", () => {
  afterEach(() => {
    engineHas({});
  });

  it("read the settings as the engine gives them, secrets wrapped", () => {
    engineHas({ "groundwork:nodes": nodes, "groundwork:ssh": JSON.stringify({ privateKey: key }) }, ["groundwork:ssh"]);
    const settings = loadSettings(engineSource(), "dev");
    assert.equal(settings.stack, "dev");
    assert.ok(settings.ssh.privateKey instanceof Secret);
    assert.equal(settings.ssh.privateKey.reveal(), key);
    assert.doesNotMatch(JSON.stringify(settings), /BEGIN/);
  });

  it("refuse a secret in a key that holds none", () => {
    engineHas({ "groundwork:nodes": nodes, "groundwork:ssh": JSON.stringify({ privateKey: key }) });
    assert.deepEqual(
      problemsOf(() => loadSettings(engineSource(), "dev")),
      [
        "ssh.privateKey: is a secret in plain text; it is no secret any more: make a new one and set it with: " +
          "pulumi config set --secret --path 'groundwork:ssh.privateKey' < FILE",
      ],
    );
  });

  it("refuse an encrypted value where no setting is a secret", () => {
    engineHas(
      { "groundwork:nodes": nodes, "groundwork:ssh": JSON.stringify({ privateKey: key }), "groundwork:network": "{}" },
      ["groundwork:ssh", "groundwork:network"],
    );
    assert.deepEqual(
      problemsOf(() => loadSettings(engineSource(), "dev")),
      [
        "network: holds an encrypted value, but none of its settings is a secret; " +
          "write it in plain text; it would not be kept secret in the cluster or in the state",
      ],
    );
  });

  it("name keys that are no settings, and values that are no groups", () => {
    engineHas({
      "groundwork:nodes": nodes,
      "groundwork:ssh": "{}",
      "groundwork:storag": "{}",
      "groundwork:ndoes": "foo",
      "groundwork:dns": "8.8.8.8",
      "other:thing": "x",
    });
    assert.deepEqual(
      problemsOf(() => loadSettings(engineSource(), "dev")),
      [
        "dns: is a single value, not a group of settings or a list; write 'key: value' lines under groundwork:dns in the stack's " +
          "file, or set one value with: pulumi config set --path 'groundwork:dns.KEY' VALUE",
        "ndoes: is not a setting; did you mean nodes?",
        "storag: is not a setting; did you mean storage?",
        "ssh.privateKey: is not set; set it with: pulumi config set --secret --path 'groundwork:ssh.privateKey' < FILE",
      ],
    );
  });

  it("throw one error with all of them", () => {
    engineHas({});
    assert.throws(
      () => loadSettings(engineSource(), "dev"),
      (error) => {
        assert.ok(GroundworkError.isInstance(error));
        assert.equal(error.code, "invalid-settings");
        assert.match(
          error.message,
          /^The settings of stack 'dev' have one problem:\n {2}nodes: stack 'dev' names no machines; /,
        );
        return true;
      },
    );
  });

  it("hand each warning over once, and go on", () => {
    const warnings: Problem[] = [];
    const raw = stack({ k3s: { server: { zzz: 1 } } });
    const settings = loadSettings(
      { raw, problems: [], missingSecrets: "error", warn: (each) => warnings.push(each) },
      "dev",
    );
    assert.equal(settings.k3s.server["zzz"], 1);
    assert.deepEqual(
      warnings.map((each) => each.path),
      ["k3s.server.zzz"],
    );
  });

  it("say no more than that the file is unreadable when it is", () => {
    const source = stackFileSource("config: [", "Pulumi.dev.yaml", () => undefined);
    assert.equal(problemsOf(() => loadSettings(source, "dev")).length, 1);
  });

  it("stop at problems of the reading even when all else is right", () => {
    const source = {
      raw: stack(),
      problems: [{ path: "k3s.token", problem: "is plain", remedy: "" }],
      missingSecrets: "error",
      warn: () => undefined,
    } as const;
    assert.deepEqual(
      problemsOf(() => loadSettings(source, "dev")),
      ["k3s.token: is plain"],
    );
  });
});
