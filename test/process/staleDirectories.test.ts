import * as assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ownDirectory, removeStaleDirectories } from "../../process/staleDirectories";

const ROOT = path.join(__dirname, "..", "..");

describe("a work directory that nobody could remove", function () {
  this.timeout(30_000);
  let parent: string;
  const started: ChildProcess[] = [];
  beforeEach(() => (parent = fs.mkdtempSync(path.join(os.tmpdir(), "stale-test-"))));
  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL");
    fs.rmSync(parent, { recursive: true, force: true });
  });

  const module = JSON.stringify(path.join(ROOT, "process/temporaryDirectory"));
  const start = (program: string): ChildProcess => {
    const args = ["--require", path.join(ROOT, "bin/typescript.js"), "-e", program];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, TMPDIR: parent },
      stdio: ["pipe", "pipe", "inherit"],
    });
    started.push(child);
    return child;
  };
  /** A process that made a directory with a secret in it, and lives. */
  const owner = async (): Promise<{ child: ChildProcess; directory: string }> => {
    const program = `const { path } = require(${module}).temporaryDirectory();
      require("node:fs").writeFileSync(path + "/passphrase", "correct horse");
      console.log(path); setInterval(() => undefined, 1e6);`;
    const child = start(program);
    const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    return { child, directory: line.toString().trim() };
  };
  /** What is left in the parent after another process has made, and removed, a directory of its own. */
  const next = async (): Promise<string[]> => {
    const child = start(`require(${module}).temporaryDirectory().remove()`);
    assert.deepEqual(await once(child, "exit"), [0, null]);
    return fs.readdirSync(parent);
  };

  it("goes with the next one that is made, once its process has ended, and not before", async () => {
    const killed = await owner();
    const living = await owner();
    assert.deepEqual(
      (await next()).sort(),
      [killed.directory, living.directory].map((each) => path.basename(each)).sort(),
    );

    const keepers = execFileSync("ps", ["-o", "pid=", "--ppid", String(killed.child.pid)], { encoding: "utf8" });
    for (const pid of keepers.trim().split(/\s+/)) process.kill(Number(pid), "SIGKILL");
    const ended = once(killed.child, "exit");
    killed.child.kill("SIGKILL");
    await ended;
    assert.ok(fs.existsSync(path.join(killed.directory, "passphrase")), "nobody was left to remove it");

    assert.deepEqual(await next(), [path.basename(living.directory)]);
    assert.equal(fs.readFileSync(path.join(living.directory, "passphrase"), "utf8"), "correct horse");
  });

  /** A directory whose owner is this process, but for what is given. */
  const directoryOf = (name: string, change: (owner: Record<string, unknown>) => unknown): void => {
    const directory = path.join(parent, name);
    fs.mkdirSync(directory);
    ownDirectory(directory);
    const file = path.join(directory, ".groundwork-owner.json");
    const known = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
    fs.writeFileSync(file, JSON.stringify(change(known)));
  };
  const withPlace =
    (change: Record<string, string>) =>
    (known: Record<string, unknown>): unknown => ({
      ...known,
      startTime: "1",
      place: { ...(known["place"] as object), ...change },
    });

  it("is known by the process's start time, and stays where that cannot be judged", () => {
    directoryOf("living", (known) => known);
    directoryOf("number-given-again", (known) => ({ ...known, startTime: "1" }));
    directoryOf("before-the-machine-started", withPlace({ boot: "another" }));
    directoryOf("other-container", withPlace({ namespace: "pid:[1]" }));
    directoryOf("other-machine", withPlace({ host: "other", boot: "another" }));
    directoryOf("broken", () => ({ pid: 1 }));
    fs.mkdirSync(path.join(parent, "nobodys"));
    fs.writeFileSync(path.join(parent, "a-file"), "");
    const elsewhere = path.join(parent, "elsewhere");
    directoryOf("elsewhere", (known) => ({ ...known, startTime: "1" }));
    fs.symlinkSync(elsewhere, path.join(parent, "link"));
    removeStaleDirectories(parent, /^(?!elsewhere)/);
    assert.deepEqual(
      fs.readdirSync(parent).sort(),
      ["a-file", "broken", "elsewhere", "link", "living", "nobodys", "other-container", "other-machine"].sort(),
    );
    assert.ok(fs.existsSync(path.join(elsewhere, ".groundwork-owner.json")));
  });
});
