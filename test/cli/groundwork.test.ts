import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groundworkCommand, projectOfCommittedStacks } from "./capture";

describe("groundwork", () => {
  const cwd = projectOfCommittedStacks();
  after(() => rmSync(cwd, { recursive: true }));

  const refusals: readonly (readonly [args: readonly string[], line: string])[] = [
    [["plna"], "groundwork: unknown command 'plna'\n(Did you mean plan?)\n"],
    [["plan", "--formt", "json"], "groundwork: unknown option '--formt'\n(Did you mean --format?)\n"],
    [
      ["plan", "--format", "yaml"],
      "groundwork: option '-f, --format <format>' argument 'yaml' is invalid. Allowed choices are text, markdown, html, json.\n",
    ],
    [["plan", "--stack"], "groundwork: option '-s, --stack <name>' argument missing\n"],
    [["plan"], "groundwork: which stack? Name it with --stack. Stacks: dev, prod, staging\n"],
    [
      ["plan", "--stack", "prd"],
      "groundwork: there is no stack 'prd'. Did you mean prod? Stacks: dev, prod, staging\n",
    ],
    [["plan", "--stack", "../etc"], "groundwork: there is no stack '../etc'. Stacks: dev, prod, staging\n"],
    [
      ["plan", "--stack", "dev", "--node", "atlsa"],
      "groundwork: stack 'dev' has no node 'atlsa'. Did you mean atlas? Nodes: atlas, birch, cedar\n",
    ],
    [
      ["completion", "fish"],
      "groundwork: command-argument value 'fish' is invalid for argument 'shell'. Allowed choices are bash, zsh.\n",
    ],
  ];
  for (const [args, line] of refusals) {
    it(`refuses '${args.join(" ")}' in one line, with exit code 2`, async () => {
      const { code, out, err } = await groundworkCommand(args, { cwd });
      assert.deepEqual({ code, out, err }, { code: 2, out: "", err: line });
    });
  }

  it("tells its version, and its exit codes in its help", async () => {
    assert.match((await groundworkCommand(["--version"])).out, /^\d+\.\d+\.\d+\n$/);
    const help = await groundworkCommand(["--help"]);
    assert.equal(help.code, 0);
    assert.match(help.out, /Exit codes:\n {2}0 {2}done\n {2}1 {2}failed\n {2}2 {2}wrong usage or wrong settings\n/);
    assert.match((await groundworkCommand(["plan", "--help"])).out, /Examples:\n {2}groundwork plan --stack dev\n/);
  });

  describe("on a stack that is wrong", () => {
    let project: string;
    const plan = (...args: string[]): ReturnType<typeof groundworkCommand> =>
      groundworkCommand(["plan", ...args], { cwd: project });
    beforeEach(() => {
      project = mkdtempSync(join(tmpdir(), "groundwork-test-"));
      writeFileSync(join(project, "Pulumi.yaml"), "name: site\nruntime: nodejs\n");
    });
    afterEach(() => rmSync(project, { recursive: true, force: true }));

    it("tells every problem, and nothing of a secret in plain text", async () => {
      writeFileSync(
        join(project, "Pulumi.dev.yaml"),
        "config:\n  groundwork:nodes:\n    - { name: a, role: server, address: 10.0.0.1 }\n  groundwork:dns:\n" +
          "    upstream: [127.0.0.53]\n  groundwork:ssh:\n    privateKey: CANARY\n",
      );
      const { code, out, err } = await plan();
      assert.deepEqual([code, out], [2, ""]);
      const [first, ...problems] = err.trimEnd().split("\n");
      assert.equal(first, "The settings of stack 'dev' have 3 problems:");
      assert.deepEqual(problems.map((line) => line.trim().split(":")[0]).sort(), [
        "dns.upstream[0]",
        "nodes[0].hostKey",
        "ssh.privateKey",
      ]);
      assert.doesNotMatch(err, /CANARY|\n\s+at /);
    });

    it("says that the YAML is broken, and where", async () => {
      writeFileSync(join(project, "Pulumi.dev.yaml"), "config:\n  groundwork:nodes: [\n");
      const { code, err } = await plan();
      assert.equal(code, 2);
      assert.match(err, /^ {2}Pulumi\.dev\.yaml:\d+:\d+: is not valid YAML: /m);
    });

    it("says that there is no stack yet, or no project", async () => {
      assert.deepEqual(await plan("--stack", "dev"), {
        code: 2,
        out: "",
        err: "groundwork: there is no stack 'dev': the project has no Pulumi.<stack>.yaml yet\n",
      });
      rmSync(join(project, "Pulumi.yaml"));
      const { code, err } = await plan("--stack", "dev");
      assert.deepEqual(
        [code, err],
        [2, `groundwork: no Pulumi.yaml in ${project} or above it; run this in the project's directory\n`],
      );
    });
  });

  it("prints one node in full: every file and what each step reads", async () => {
    const { out } = await groundworkCommand(["plan", "--stack", "dev", "--node", "birch"], { cwd });
    assert.match(out, /^birch, agent\n/);
    assert.match(out, /^\/etc\/rancher\/k3s\/config\.yaml \(mode 600\)\n {2}node-name: birch$/m);
    assert.match(out, /^birch-token, on birch: .*\n {2}project='groundwork'$/m);
    assert.match(out, /^ {2}agent_token='\[secret\]'$/m);
    assert.match(out, /^birch-drain, on atlas: sudo -n sh -s -- drain\n {2}project='groundwork'$/m);
    assert.match(out, /^birch, on birch: sudo -n sh -s -- converge$/m);
  });
});
