import * as assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GroundworkError } from "../../config/groundworkError";
import { readServiceFile } from "../../service/settings/serviceFile";

describe("the service's file", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    mkdirSync(join(directory, "clusters"));
    writeFileSync(join(directory, "clusters", "Pulumi.dev.yaml"), "config: {}\n");
    writeFileSync(join(directory, "passphrase"), "correct horse", { mode: 0o600 });
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const read = (text: string): ReturnType<typeof readServiceFile> => {
    writeFileSync(join(directory, "service.yaml"), text);
    return readServiceFile(join(directory, "service.yaml"));
  };
  const problemsOf = (text: string): string[] => {
    try {
      read(text);
    } catch (error) {
      assert.ok(GroundworkError.isInstance(error));
      return error.message
        .split("\n")
        .slice(1)
        .map((line) => line.trim().replaceAll(directory, "DIR"));
    }
    return [];
  };
  const STACK = "stacks:\n  dev:\n    project: clusters\n    backendUrl: file:///srv/state\n";

  it("needs a directory and one stack; all else has a default", () => {
    assert.deepEqual(read(`directory: state\n${STACK}    passphraseFile: passphrase\n`), {
      directory: join(directory, "state"),
      listen: { host: "127.0.0.1", port: 8411, tls: undefined },
      runsAtOnce: 2,
      requestsPerMinute: 600,
      stopSeconds: 20,
      keepDays: 90,
      database: undefined,
      stacks: new Map([
        [
          "dev",
          {
            name: "dev",
            project: join(directory, "clusters"),
            backendUrl: "file:///srv/state",
            passphraseFile: join(directory, "passphrase"),
            secretsProvider: undefined,
            pulumiHome: undefined,
          },
        ],
      ]),
    });
  });

  it("listens where other machines reach it only with TLS", () => {
    const found = problemsOf(`directory: state\nlisten: { host: 0.0.0.0 }\n${STACK}`);
    assert.deepEqual(found, [
      "listen.host: is 0.0.0.0, which other machines reach, and tokens would go there in plain text; set listen.tls, or listen on 127.0.0.1 behind a proxy with TLS",
    ]);
    for (const file of ["cert.pem", "key.pem"]) writeFileSync(join(directory, file), "", { mode: 0o600 });
    const tls = "listen: { host: 0.0.0.0, tls: { certificate: cert.pem, key: key.pem } }\n";
    assert.equal(read(`directory: state\n${tls}${STACK}`).listen.tls?.key, join(directory, "key.pem"));
  });

  it("tells all that is wrong at once", () => {
    assert.deepEqual(problemsOf("listen: { port: x }\nrunsAtOnce: 0\nstakcs: {}\nstacks: {}\n"), [
      "directory: is missing; docs/service.md shows what stands there",
      "listen.port: invalid input: expected number, received string; docs/service.md shows what stands there",
      "runsAtOnce: too small: expected number to be >=1; docs/service.md shows what stands there",
      "stacks: has no stack; docs/service.md shows what stands there",
      "stakcs: is not a setting of the service; look for a typing error; docs/service.md has all settings",
    ]);
    const other =
      "  prod: { project: clusters, backendUrl: 'file:///x', passphraseFile: gone, secretsProvider: awskms://x }\n";
    assert.deepEqual(problemsOf(`directory: state\n${STACK}${other}`), [
      "stacks.prod.project: has no DIR/clusters/Pulumi.prod.yaml; name the directory that has the project's Pulumi.yaml and the stacks' files",
      "stacks.prod.secretsProvider: is given besides a passphrase; give one of them",
      "stacks.prod.passphraseFile: names DIR/gone, which is not there; write it, or mount it",
    ]);
  });

  it("refuses a passphrase that everybody on the machine may read", () => {
    chmodSync(join(directory, "passphrase"), 0o644);
    assert.deepEqual(problemsOf(`directory: state\n${STACK}    passphraseFile: passphrase\n`), [
      "stacks.dev.passphraseFile: names DIR/passphrase, which everybody on this machine may read; chmod 600 DIR/passphrase",
    ]);
  });
});
