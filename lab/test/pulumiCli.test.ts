import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakePulumi } from "../../test/automation/fakePulumi";
import { applyWithPulumi } from "../apply";
import { labPaths } from "../paths";
import { pulumiForLab } from "../pulumiCli";

describe("the Pulumi CLI of a lab", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "groundwork-test-"))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** A downloader as npm's package has it, first on the PATH as under npx. */
  const downloader = (script: string): Record<string, string> => {
    const wrappers = join(directory, "node_modules", ".bin");
    mkdirSync(wrappers, { recursive: true });
    writeFileSync(join(wrappers, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return {
      PATH: `${wrappers}:${join(directory, "usr", "bin")}:/usr/bin:/bin`,
      PULUMI_HOME: join(directory, "home"),
    };
  };

  it("is the machine's own before the downloader in node_modules, which is not even started", async () => {
    const environment = downloader(`touch ${join(directory, "started")}; exit 1`);
    fakePulumi(join(directory, "usr"));
    const found = await pulumiForLab(environment, directory);
    assert.equal(typeof found === "string" ? found : found.command, join(directory, "usr", "bin", "pulumi"));
  });

  it("is fetched where there is none", async () => {
    const from = join(directory, "downloaded");
    fakePulumi(from);
    const to = join(directory, "home", "versions");
    const found = await pulumiForLab(downloader(`mkdir -p ${to} && cp -r ${from} ${to}/3.265.0`), directory);
    assert.equal(typeof found === "string" ? found : found.command, join(to, "3.265.0", "bin", "pulumi"));
  });

  it("is missed with the reason, and no 'see above' with nothing above", async () => {
    const environment = downloader("echo 'getaddrinfo ENOTFOUND get.pulumi.example' >&2; exit 1");
    const why =
      "Pulumi's command-line tool is not on the PATH or in ~/.pulumi, and its npm package cannot fetch it (getaddrinfo ENOTFOUND get.pulumi.example)";
    assert.equal(await pulumiForLab(environment, directory), why);
    const before = { ...process.env };
    Object.assign(process.env, environment);
    try {
      await assert.rejects(
        applyWithPulumi(labPaths("default", directory), "default", () => undefined),
        {
          message: `${why}; install it (https://www.pulumi.com/docs/install/), or use --engine lab, which needs none`,
        },
      );
    } finally {
      process.env["PATH"] = before["PATH"];
      if (before["PULUMI_HOME"] === undefined) delete process.env["PULUMI_HOME"];
    }
  });
});
