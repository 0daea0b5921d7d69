import * as assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { temporaryDirectory } from "../../process/temporaryDirectory";
import { node } from "../config/fixtures";
import { fakePulumi } from "../automation/fakePulumi";

const ROOT = path.join(__dirname, "..", "..");

describe("a work directory with a passphrase in it", function () {
  this.timeout(90_000);
  let directory: string;
  beforeEach(() => (directory = fs.mkdtempSync(path.join(os.tmpdir(), "kept-test-"))));
  afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

  const until = async (what: string, condition: () => boolean): Promise<void> => {
    for (let i = 0; i < 1200; i++) {
      if (condition()) return;
      await wait(50);
    }
    assert.fail(`waited in vain: ${what}`);
  };

  /** A process that runs an operation whose engine never answers; gives its passphrase file. */
  const operation = async (): Promise<{ child: ChildProcess; file: string }> => {
    const seen = path.join(directory, "seen");
    fakePulumi(directory, {
      script: `echo "$PULUMI_CONFIG_PASSPHRASE_FILE $$" >'${seen}.new'; mv '${seen}.new' '${seen}'; exec sleep 20`,
    });
    const options = {
      name: "test",
      settings: { nodes: [node("s1", { role: "server" })], ssh: { privateKey: "x" } },
      passphrase: "correct horse battery",
      backendUrl: "file:///nowhere",
      pulumiRoot: directory,
    };
    const program = [
      `const { openStack } = require(${JSON.stringify(path.join(ROOT, "automation/stacks"))});`,
      `openStack(${JSON.stringify(options)}).outputs().catch(() => undefined);`,
    ].join("\n");
    const child = spawn(process.execPath, ["--require", path.join(ROOT, "bin/typescript.js"), "-e", program], {
      cwd: ROOT,
      stdio: "ignore",
    });
    await until("the engine is asked", () => fs.existsSync(seen));
    const [file = "", engine = ""] = fs.readFileSync(seen, "utf8").trim().split(" ");
    child.once("exit", () => process.kill(Number(engine)));
    return { child, file };
  };

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"] as const) {
    it(`goes when its process is ended by ${signal}, which ends it as ever`, async () => {
      const { child, file } = await operation();
      assert.equal(fs.readFileSync(file, "utf8"), "correct horse battery");
      child.kill(signal);
      const [code, by] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
      assert.deepEqual([code, by], [null, signal]);
      await until("the directory is gone", () => !fs.existsSync(path.dirname(file)));
    });
  }

  it("goes when it is removed, and when the process exits", async () => {
    const { path: own, remove } = temporaryDirectory();
    assert.equal(fs.statSync(own).mode & 0o777, 0o700);
    fs.writeFileSync(path.join(own, "file"), "");
    remove();
    assert.ok(!fs.existsSync(own));
    const program = `console.log(require(${JSON.stringify(path.join(ROOT, "process/temporaryDirectory"))}).temporaryDirectory().path)`;
    const child = spawn(process.execPath, ["--require", path.join(ROOT, "bin/typescript.js"), "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 0, "it does not keep the process from its end");
    assert.match(printed, /groundwork-\w{6}\n$/);
    assert.ok(!fs.existsSync(printed.trim()));
  });
});
