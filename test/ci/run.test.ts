import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

/** The script that decides whether work lands, run with stand-ins for everything that it calls. */

const ROOT = path.join(__dirname, "..", "..");

/** What a stand-in prints; the last line of it may be `exit N`. */
interface StandIns {
  readonly test?: string;
  readonly hosts?: string;
  readonly lab?: string;
  readonly check?: string;
  readonly goVet?: string;
  readonly plan?: string;
  readonly docker?: string;
  readonly dockerd?: string;
  readonly unshare?: string;
  readonly id?: string;
}

const CHECKED = "echo 'checks: 5 passed, 0 failed, 0 skipped'";
const WELL: Required<StandIns> = {
  test: "echo '  7 passing (1s)'",
  hosts: "echo '  3 passing (1s)'",
  lab: "echo '  2 passing (1s)'",
  check: CHECKED,
  goVet: "echo 'checks: 1 passed, 0 failed, 0 skipped'",
  plan: "echo 'a plan'",
  docker: "exit 0",
  dockerd: "exit 1",
  unshare: "exit 0",
  id: "echo 0",
};

const TOOLS = ["git", "jq", "shellcheck", "ip", "iptables", "mmdebstrap", "ssh", "python3", "apt-get"];

function run(changes: StandIns): { readonly code: number | null; readonly out: string } {
  const stands = { ...WELL, ...changes };
  const directory = fs.mkdtempSync(path.join(tmpdir(), "groundwork-ci-"));
  try {
    const write = (file: string, text: string): void => {
      fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
      fs.writeFileSync(path.join(directory, file), text, { mode: 0o755 });
    };
    const bin = (name: string, text: string): void => write(`bin/${name}`, `#!/usr/bin/env bash\n${text}\n`);
    fs.mkdirSync(path.join(directory, ".ci"));
    fs.copyFileSync(path.join(ROOT, ".ci", "run"), path.join(directory, ".ci", "run"));
    write("package.json", JSON.stringify({ scripts: { "test:lab": "-", "test:hosts": "-" } }));
    write("Pulumi.dev.yaml", "config: {}\n");
    const npm = [
      'case "$*" in',
      `  test) ${stands.test} ;;`,
      `  *test:hosts*) ${stands.hosts} ;;`,
      `  *test:lab*) ${stands.lab} ;;`,
      `  *go-vet*) ${stands.goVet} ;;`,
      `  *check*) ${stands.check} ;;`,
      `  *plan*) ${stands.plan} ;;`,
      "esac",
    ];
    bin("npm", npm.join("\n"));
    for (const tool of TOOLS) bin(tool, "exit 0");
    for (const name of ["docker", "dockerd", "unshare", "id"] as const) bin(name, stands[name]);
    // Nobody waits a minute for an engine that never answers.
    bin("sleep", "exit 0");
    const { status, stdout, stderr } = spawnSync("bash", [path.join(directory, ".ci", "run")], {
      encoding: "utf8",
      env: {
        PATH: `${path.join(directory, "bin")}:${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
        HOME: directory,
        GROUNDWORK_CI_DOCKER: directory,
      },
    });
    return { code: status, out: stdout + stderr };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

describe(".ci/run", () => {
  it("adds up what its suites and checks say", () => {
    const { code, out } = run({});
    assert.match(out, /\n19 passed, 0 failed, 0 skipped\n$/);
    assert.equal(code, 0);
  });

  const wrong: Record<string, readonly [StandIns, RegExp]> = {
    "a check that prints nothing": [{ check: "exit 0" }, /did not say what it had checked/],
    "a check that fails and prints nothing": [{ check: "exit 1" }, /ended with code 1/],
    "a check of Go that prints nothing": [{ goVet: "exit 0" }, /go-vet ended with code 0 and did not say/],
    "a check that checked nothing": [{ check: "echo 'checks: 0 passed, 0 failed, 0 skipped'" }, /checked nothing/],
    "a suite that prints nothing": [{ test: "exit 0" }, /tests ran no test/],
    "a suite that skips all of its tests": [
      { hosts: "echo '  0 passing (1s)'; echo '  9 pending'" },
      /hosts ran no test/,
    ],
    "host tests that end early": [{ hosts: "exit 1" }, /hosts ended with code 1/],
    "a plan without a line": [{ plan: "exit 0" }, /plan of stack dev is empty/],
    "a lab whose engine should start and does not": [
      { docker: "exit 1" },
      /npm run test:lab: dockerd does not start here/,
    ],
    "a lab that skips all of its tests": [{ lab: "echo '  0 passing (1s)'; echo '  30 pending'" }, /lab ran no test/],
  };
  for (const [what, [changes, message]] of Object.entries(wrong)) {
    it(`fails for ${what}`, () => {
      const { code, out } = run(changes);
      assert.equal(code, 1, out);
      assert.match(out, message);
      assert.match(out, /, [1-9]\d* failed, \d+ skipped\n$/);
    });
  }

  const absent: Record<string, readonly [StandIns, RegExp]> = {
    "whoever runs it is not root and no engine answers": [
      { docker: "exit 1", id: "echo 1000" },
      /starting one needs root/,
    ],
    "the machine makes no namespaces": [{ docker: "exit 1", unshare: "exit 1" }, /lets nobody make namespaces/],
  };
  for (const [when, [changes, message]] of Object.entries(absent)) {
    it(`skips the lab, and says why, where ${when}`, () => {
      const { code, out } = run(changes);
      assert.equal(code, 0, out);
      assert.match(out, message);
      assert.match(out, /, 0 failed, 1 skipped\n$/);
    });
  }
});
