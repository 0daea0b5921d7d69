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
echo "$*" >>calls
page=$(printf '%s' "$*" | sed -n 's/.*--page \\([^ ]*\\).*/\\1/p')
case "$*" in
  *"--stack staging "*) echo 'cannot be planned' >&2; exit 1 ;;
  *"--format json"*) cat difference.json ;;
esac
case "$*" in *"--stack paged "*) echo 'no page' >&2; exit 1 ;; esac
echo '<!doctype html>' >"$page"
`;

describe(".ci/plan-diff", () => {
  it("writes for each stack what the comment reads: a difference, why there is none, or that it is removed; and a page", () => {
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
      for (const stack of ["dev", "paged", "staging", "gone"]) write(`Pulumi.${stack}.yaml`, "config: {}\n");
      git("init", "-q");
      git("add", ".");
      git("commit", "-qm", "base");
      fs.rmSync(path.join(root, "Pulumi.gone.yaml"));

      const env = { ...process.env, PATH: `${path.join(root, "bin")}:${process.env["PATH"] ?? ""}` };
      const { status } = spawnSync(path.join(root, ".ci/plan-diff"), ["HEAD", "out"], { cwd: root, env });
      assert.equal(status, 1);
      assert.deepEqual(fs.readdirSync(path.join(root, "out")), [
        "dev.html",
        "dev.json",
        "gone.txt",
        "paged.json",
        "staging.txt",
      ]);
      // Each stack is evaluated once a revision.
      assert.equal(fs.readFileSync(path.join(root, "calls"), "utf8").trim().split("\n").length, 3);
      const reports = readReports(path.join(root, "out"));
      const body = commentBody({ key: "plan", title: "Plan", reports });
      assert.deepEqual(tablesOf(body).slice(1, 5), [
        ["dev", "1 release changed"],
        ["gone", "The stack is removed from the repository. Its cluster stays until it is destroyed."],
        ["paged", "1 release changed"],
        ["staging", "The plan cannot be made:"],
      ]);
      assert.match(body, /```text\ncannot be planned\n```/);
    } finally {
      fs.rmSync(root, { recursive: true });
    }
  });
});

describe(".ci/live-diff", () => {
  const NPX = '#!/bin/sh\necho "$*" >called\necho "a secret of the engine" >&2\ncat preview.json\nexit "$FAILS"\n';
  const LIVE =
    '#!/bin/sh\ngrep -q steps "$6" || exit 1\ncat difference.json\nfor page; do :; done\necho "<!doctype html>" >"$page"\n';
  let root: string;
  const run = (fails: string): { status: number | null; summary: string | undefined } => {
    const env = { ...process.env, FAILS: fails, PATH: `${path.join(root, "bin")}:${process.env["PATH"] ?? ""}` };
    const { status } = spawnSync(path.join(root, ".ci/live-diff"), ["dev", "HEAD^1", "out"], { cwd: root, env });
    const body = commentBody({ key: "plan", title: "Plan", reports: readReports(path.join(root, "out")) });
    assert.doesNotMatch(body, /a secret of the engine/);
    return { status, summary: tablesOf(body)[1]?.join(": ") };
  };

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(tmpdir(), "groundwork-ci-"));
    for (const folder of ["bin", ".ci"]) fs.mkdirSync(path.join(root, folder));
    fs.copyFileSync(path.join(path.dirname(SCRIPT), "live-diff"), path.join(root, ".ci/live-diff"));
    fs.writeFileSync(path.join(root, "bin/npx"), NPX, { mode: 0o755 });
    fs.writeFileSync(path.join(root, "bin/node"), LIVE, { mode: 0o755 });
    fs.writeFileSync(path.join(root, "difference.json"), JSON.stringify(differenceOf("dev", 1, 1)));
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));

  it("writes what the comment reads beside the plan's, also of a preview that failed", () => {
    fs.writeFileSync(path.join(root, "preview.json"), '{"steps":[]}');
    assert.deepEqual(run("0"), { status: 0, summary: "dev, live: 1 release changed" });
    assert.match(
      fs.readFileSync(path.join(root, "called"), "utf8"),
      /preview --json --show-sames --refresh .*--stack dev$/m,
    );
    assert.deepEqual(run("255"), { status: 1, summary: "dev, live: 1 release changed" });
    assert.deepEqual(fs.readdirSync(path.join(root, "out")), ["dev.live.html", "dev.live.json"]);
  });

  it("says where there is nothing to be shown, and keeps what the engine said out of the comment", () => {
    fs.writeFileSync(path.join(root, "preview.json"), "");
    assert.deepEqual(run("255"), { status: 1, summary: "dev, live: The preview cannot be shown: see the job's log." });
  });
});
