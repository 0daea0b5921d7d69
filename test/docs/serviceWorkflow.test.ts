import * as assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { LocalIssuer } from "../service/localIssuer";
import { Served } from "../service/served";
import { ROOT } from "./markdown";

interface Workflow {
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run: string }[] }>>;
}

function yamlOf(mark: string): string {
  const text = readFileSync(join(ROOT, "docs/service.md"), "utf8");
  const found = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  return found.find((code) => code.includes(mark)) ?? "";
}

describe("the workflow for GitHub in the service's chapter", function () {
  this.timeout(60_000);
  let issuer: LocalIssuer;
  let served: Served;
  before(function () {
    const missing = ["bash", "curl", "jq"].filter((name) => spawnSync(name, ["--version"]).status !== 0);
    if (missing.length > 0) {
      console.log(`skipped: needs ${missing.join(", ")}`);
      this.skip();
    }
  });
  beforeEach(async () => {
    issuer = new LocalIssuer();
    await issuer.start();
    await issuer.key("first");
    const { oidc } = parse(yamlOf("event_name: push")) as { readonly oidc: readonly { readonly grants: unknown }[] };
    const local = { ...oidc[0], issuer: issuer.address };
    served = new Served(
      { dev: {}, prod: { preview: [{ line: "looked" }], up: [{ line: "made" }] } },
      { oidc: [local] },
    );
    await served.start();
  });
  afterEach(async () => {
    await served.remove();
    await issuer.stop();
  });

  const { env, jobs } = parse(yamlOf("id-token: write")) as Workflow;
  const run = async (job: string, claims: object, more: Record<string, string>): Promise<[number | null, string]> => {
    issuer.claims = { aud: env["SERVICE"], ...claims };
    const output = join(served.directory, "output");
    writeFileSync(output, "");
    const child = spawn("bash", ["-ec", jobs[job]?.steps[0]?.run ?? ""], {
      cwd: served.directory,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...{ PATH: process.env["PATH"], GITHUB_OUTPUT: output, GITHUB_RUN_ID: "1", GITHUB_RUN_ATTEMPT: "1" },
        ...{ GITHUB_SHA: "0123abc", ...env, SERVICE: served.address, ...more },
        ...{ ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.address}/token?version=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "job" },
      },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return [code, `${said}${readFileSync(output, "utf8")}`];
  };

  it("previews on a push, and has that plan done in the environment, by the grants that stand there", async () => {
    const [previewed, said] = await run("preview", { event_name: "push" }, {});
    assert.equal(previewed, 0, said);
    assert.match(said, /^looked$[\s\S]*"state": "succeeded"/m);
    const [, id = ""] = /^id=(\S+)$/m.exec(said) ?? [];
    const [refused, reason] = await run("approve", { event_name: "push" }, { PREVIEW: id });
    assert.notEqual(refused, 0);
    assert.match(reason, /may not 'approve' on stack 'prod'/);
    const [approved, report] = await run("approve", { environment: "prod", event_name: "push" }, { PREVIEW: id });
    assert.equal(approved, 0, report);
    assert.deepEqual(served.done("prod"), ["begin preview", "end preview", "begin up that plan 0123abc", "end up"]);
  });

  it("fails when the change does", async () => {
    served.script("prod", { preview: [{ error: "failed", message: "no such host" }] });
    const [code, said] = await run("preview", { event_name: "push" }, {});
    assert.notEqual(code, 0);
    assert.match(said, /"message": "no such host"/);
  });
});
