import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { groundworkCommand, projectOfCommittedStacks, ROOT } from "./capture";

describe("completion", function () {
  this.timeout(30_000);
  const project = projectOfCommittedStacks();
  after(() => rmSync(project, { recursive: true }));

  describe("of words", () => {
    const cases: readonly (readonly [words: readonly string[], expected: readonly string[]])[] = [
      [["pl"], ["plan"]],
      [
        ["plan", "--stack", ""],
        ["dev", "prod", "staging"],
      ],
      [["plan", "-s", "st"], ["staging"]],
      [["plan", "--stack=p"], ["--stack=prod"]],
      [
        ["plan", "--stack", "dev", "--node", ""],
        ["atlas", "birch", "cedar"],
      ],
      [
        ["plan", "--stack=prod", "--node", "fra"],
        ["fra-s1", "fra-a1"],
      ],
      [["plan", "--format", "j"], ["json"]],
      [["plan", "--format", "h"], ["html"]],
      [["plan", "--stack", "dev", "--st"], []],
      [
        ["completion", ""],
        ["bash", "zsh"],
      ],
      [["plan", "--stack", "nowhere", "--node", ""], []],
    ];
    for (const [words, expected] of cases) {
      it(`gives [${expected.join(" ")}] for '${words.join(" ")}'`, async () => {
        const { out } = await groundworkCommand(["__complete", "--", ...words], { cwd: project });
        assert.deepEqual(
          out
            .split("\n")
            .slice(0, -1)
            .map((line) => line.split("\t")[0]),
          expected,
        );
      });
    }

    it("describes verbs and options", async () => {
      const { out } = await groundworkCommand(["__complete", "--", "plan", "--exi"]);
      assert.match(out, /^--exit-code\twith --against or --live: exit with 3/);
    });
  });

  it("runs in bash, with '=' inside a word too", async () => {
    const script = (await groundworkCommand(["completion", "bash"])).out;
    execFileSync("bash", ["-n"], { input: script });
    const bin = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    try {
      symlinkSync(join(ROOT, "bin", "groundwork.js"), join(bin, "groundwork"));
      const ask = (line: string): string =>
        `COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; COMPREPLY=(); _groundwork; printf '%s\\n' "\${COMPREPLY[*]}"\n`;
      const lines = [
        "groundwork pl",
        "groundwork plan --stack ",
        "groundwork plan --stack=st",
        "groundwork plan --stack dev --node c",
      ];
      const out = execFileSync("bash", ["--norc", "-c", script + lines.map(ask).join("")], {
        cwd: project,
        encoding: "utf8",
        env: { ...process.env, PATH: [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter) },
      });
      assert.deepEqual(out.split("\n"), ["plan", "dev prod staging", "staging", "cedar", ""]);
    } finally {
      rmSync(bin, { recursive: true });
    }
  });

  it("has a script for zsh that says what it completes", async () => {
    const { out } = await groundworkCommand(["completion", "zsh"]);
    assert.match(out, /^#compdef groundwork\n/);
  });
});
