import * as assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { commentBody } from "../../pullRequest/commentBody";
import { readReports } from "../../pullRequest/reports";
import { tablesOf } from "../plan/parsedMarkdown";
import { differenceOf } from "../pullRequest/differences";

const SCRIPT = path.join(__dirname, "..", "..", ".ci", "plan-diff");

/** In place of node: the plan of staging cannot be made. */
const NODE = `#!/bin/sh
case "$*" in
  *"--stack staging "*) echo 'cannot be planned' >&2; exit 1 ;;
  *"--format json") cat difference.json ;;
esac
`;

describe(".ci/plan-diff", () => {
  it("writes for each stack what the comment reads: a difference, why there is none, or that it is removed", () => {
    const root = fs.mkdtempSync(path.join(tmpdir(), "groundwork-ci-"));
    const write = (file: string, text: string, mode = 0o644): void => {
      fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      fs.writeFileSync(path.join(root, file), text, { mode });
    };
    const git = (...args: string[]): void => {
      execFileSync("git", ["-C", root, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
        stdio: "pipe",
      });
    };
    try {
      write("bin/node", NODE, 0o755);
      write(".ci/plan-diff", fs.readFileSync(SCRIPT, "utf8"), 0o755);
      write("difference.json", JSON.stringify(differenceOf("dev", 1, 1)));
      for (const stack of ["dev", "staging", "gone"]) write(`Pulumi.${stack}.yaml`, "config: {}\n");
      git("init", "-q");
      git("add", ".");
      git("commit", "-qm", "base");
      fs.rmSync(path.join(root, "Pulumi.gone.yaml"));

      const env = { ...process.env, PATH: `${path.join(root, "bin")}:${process.env["PATH"] ?? ""}` };
      const { status } = spawnSync(path.join(root, ".ci/plan-diff"), ["HEAD", "out"], { cwd: root, env });
      assert.equal(status, 1);
      const reports = readReports(path.join(root, "out"));
      const body = commentBody({ key: "plan", title: "Plan", reports });
      assert.deepEqual(tablesOf(body).slice(1, 4), [
        ["dev", "1 release changed"],
        ["gone", "The stack is removed from the repository. Its cluster stays until it is destroyed."],
        ["staging", "The plan cannot be made:"],
      ]);
      assert.match(body, /```text\ncannot be planned\n```/);
    } finally {
      fs.rmSync(root, { recursive: true });
    }
  });
});
