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
      oidc: [],
      fleets: new Map(),
    });
  });

  it("takes issuers with what their tokens may do", () => {
    const oidc = `oidc:
  - issuer: https://gitlab.example.com
    audience: groundwork
    grants:
      - claims: { project_id: 42, ref: [main, { glob: release/* }] }
        allow: ["dev:read,preview", "*:read"]
`;
    const [first] = read(`directory: state\n${STACK}${oidc}`).oidc;
    assert.deepEqual(
      { ...first, algorithms: [] },
      {
        issuer: "https://gitlab.example.com",
        audiences: ["groundwork"],
        jwksUri: undefined,
        algorithms: [],
        maxAgeMinutes: 60,
        grants: [
          {
            claims: new Map<string, unknown>([
              ["project_id", ["42"]],
              ["ref", ["main", { glob: "release/*" }]],
            ]),
            grants: [
              { stack: "dev", verbs: ["read", "preview"] },
              { stack: "*", verbs: ["read"] },
            ],
          },
        ],
      },
    );
    assert.ok(first?.algorithms.every((name) => !/^(HS|none)/.test(name)));
  });

  it("refuses issuers that would let in whom nobody meant, each with what is wrong", () => {
    const issuer = (url: string, claims: string, more = ""): string =>
      `  - { issuer: "${url}", audience: groundwork, ${more}grants: [{ claims: ${claims}, allow: ["dev:up"] }] }\n`;
    assert.deepEqual(
      problemsOf(`directory: state\n${STACK}oidc:\n${issuer("https://a.example", "{}", "algorithms: [HS256], ")}`),
      [
        'oidc[0].algorithms[0]: invalid option: expected one of "RS256"|"RS384"|"RS512"|"PS256"|"PS384"|"PS512"|"ES256"|"ES384"|"ES512"|"EdDSA"; docs/service.md shows what stands there',
        "oidc[0].grants[0].claims: names no claim, so that every token of the issuer would do; docs/service.md shows what stands there",
      ],
    );
    const github = "https://token.actions.githubusercontent.com";
    const all = [
      issuer("http://issuer.example", "{ sub: a }"),
      issuer("http://127.0.0.1:1234", "{ sub: a }"),
      issuer("https://a.example", "{ sub: a }", "jwksUri: http://a.example/keys, "),
      issuer("https://a.example", "{ sub: a }"),
      issuer(github, "{ ref: refs/heads/main, repository: { glob: '*/clusters' } }"),
      '  - { issuer: https://b.example, audience: x, grants: [{ claims: { sub: a }, allow: ["prod:up", "dev:fly"] }] }\n',
    ];
    const https = "write https://…; http is for 127.0.0.1 only, since whoever can change the answer could make tokens";
    assert.deepEqual(problemsOf(`directory: state\n${STACK}oidc:\n${all.join("")}`), [
      `oidc[0].issuer: is 'http://issuer.example', which is no https address; ${https}`,
      `oidc[2].jwksUri: is 'http://a.example/keys', which is no https address; ${https}`,
      "oidc[3].issuer: is there already; write each issuer once, with all of its grants",
      "oidc[4].grants[0].claims: would take tokens of everybody who has an account there; add one of sub, repository, repository_id, repository_owner, repository_owner_id, job_workflow_ref, with a glob only behind the owner, such as acme/*",
      "oidc[5].grants[0].allow[0]: names stack 'prod', which the service does not have; name one of dev, or *",
      "oidc[5].grants[0].allow[1]: is not right: 'dev:fly': there is no verb 'fly'; write STACK:VERB,… with a stack's name or * and verbs out of read, preview, up, refresh, destroy, approve, cancel, outputs, secrets",
    ]);
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
