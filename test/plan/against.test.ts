import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Difference } from "../../plan/compare/difference";
import { groundworkCommand, ROOT } from "../cli/capture";
import { edited, stackText } from "./stacks";

describe("plan --against", function () {
  this.timeout(120_000);
  let project: string;
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", project, "-c", "user.name=test", "-c", "user.email=test@example.org", ...args], {
      encoding: "utf8",
      stdio: "pipe",
    });
  const commit = (): void => {
    git("add", "-A");
    git("commit", "-qm", "state");
  };

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    git("init", "-q");
    writeFileSync(join(project, "Pulumi.yaml"), "name: site\nruntime: nodejs\n");
    writeFileSync(join(project, "Pulumi.dev.yaml"), stackText("dev"));
    commit();
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));

  it("compares the work tree as it is with the revision", async () => {
    writeFileSync(join(project, "Pulumi.dev.yaml"), edited(stackText("dev"), ["20000-32767", "1-65535"]));
    const { code, out, err } = await groundworkCommand(["plan", "--stack", "dev", "--against", "HEAD"], {
      cwd: project,
    });
    assert.deepEqual({ code, err }, { code: 0, err: "" });
    assert.equal(
      out,
      [
        "Stack dev against HEAD: 1 server restarts; the API is away meanwhile, as this is the only server;",
        "drained first; nothing is deleted",
        "",
        "  ORDER  HOST   ROLE    K3S       DRAINED  WHAT CHANGES",
        "  1      atlas  server  restarts  yes      config.yaml",
        "",
        "~ atlas (node) changed",
        "    k3s restarts after a drain",
        "  /etc/rancher/k3s/config.yaml",
        "     service-cidr: 10.43.0.0/16",
        "     cluster-domain: cluster.local",
        "    -service-node-port-range: 20000-32767",
        "    +service-node-port-range: 1-65535",
        "     flannel-backend: vxlan",
        "     disable:",
        "",
      ].join("\n"),
    );
  });

  it("exits with 3 for differences when it is asked to, and with 0 for none", async () => {
    const args = ["plan", "--stack", "dev", "--against", "HEAD", "--exit-code", "--json"];
    assert.equal((await groundworkCommand(args, { cwd: project })).code, 0);
    writeFileSync(join(project, "Pulumi.dev.yaml"), edited(stackText("dev"), ["disk: ssd", "disk: nvme"]));
    const { code, out } = await groundworkCommand(args, { cwd: project });
    assert.equal(code, 3);
    assert.deepEqual(
      (JSON.parse(out) as Difference).changes.map(({ kind, name, action }) => [kind, name, action]),
      [["node", "birch", "changed"]],
    );
  });

  it("says that a stack is new", async () => {
    writeFileSync(join(project, "Pulumi.lab.yaml"), stackText("dev"));
    const { code, out } = await groundworkCommand(["plan", "--stack", "lab", "--against", "HEAD"], { cwd: project });
    assert.equal(code, 0);
    assert.match(out, /^ {2}! the stack is new: HEAD has no Pulumi\.lab\.yaml$/m);
    assert.match(out, /^\+ atlas \(node\) added$/m);
  });

  it("tells in one line that there is no such revision, or no repository", async () => {
    const unknown = await groundworkCommand(["plan", "--stack", "dev", "--against", "nowhere"], { cwd: project });
    assert.deepEqual(
      [unknown.code, unknown.err],
      [
        2,
        "groundwork: there is no git revision 'nowhere' here; name a branch, a tag or a commit, or fetch it first (git fetch origin)\n",
      ],
    );
    rmSync(join(project, ".git"), { recursive: true });
    const none = await groundworkCommand(["plan", "--stack", "dev", "--against", "main"], { cwd: project });
    assert.deepEqual(
      [none.code, none.err],
      [2, `groundwork: ${project} is not in a git repository, so there is no 'main' to compare with\n`],
    );
  });

  it("tells what is wrong with the settings of the revision", async () => {
    writeFileSync(join(project, "Pulumi.dev.yaml"), "config: {}\n");
    commit();
    writeFileSync(join(project, "Pulumi.dev.yaml"), stackText("dev"));
    const { code, err } = await groundworkCommand(["plan", "--stack", "dev", "--against", "HEAD"], { cwd: project });
    assert.equal(code, 1);
    assert.match(err, /^groundwork: HEAD cannot be planned:\n {2}The settings of stack 'dev' have one problem:\n/);
    assert.doesNotMatch(err, /\n\s+at /);
  });

  it("lets an older revision of the program make its own plan, wherever it keeps its files", () => {
    const left = new Set([".git", "node_modules", "lab", "test", "dist", ".cache"]);
    for (const name of readdirSync(ROOT)) {
      if (!left.has(name)) cpSync(join(ROOT, name), join(project, name), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(project, "node_modules"));
    writeFileSync(join(project, ".gitignore"), "node_modules\n");
    // cli/lab.ts needs the lab, which is left out here.
    rmSync(join(project, "cli", "lab.ts"), { force: true });
    commit();
    const against = (): string =>
      execFileSync(
        process.execPath,
        [join(project, "bin", "groundwork.js"), "plan", "--stack", "dev", "--against", "HEAD"],
        { cwd: project, encoding: "utf8", stdio: "pipe" },
      );
    const edit = (file: string, from: string, to: string): void => {
      writeFileSync(join(project, file), edited(readFileSync(join(project, file), "utf8"), [from, to]));
    };

    // The file moves as well: where a revision keeps its files means nothing.
    renameSync(join(project, "desired/host/units.ts"), join(project, "desired/host/services.ts"));
    edit("desired/host/files.ts", "./units", "./services");
    edit("desired/host/k3sConfig.ts", '"write-kubeconfig-mode": "0600"', '"write-kubeconfig-mode": "0640"');
    const out = against();
    assert.match(out, /^Stack dev against HEAD: 1 server restarts;/m);
    assert.match(out, /^ {4}-write-kubeconfig-mode: "0600"\n {4}\+write-kubeconfig-mode: "0640"$/m);

    edit("plan/model.ts", "PLAN_FORMAT = 2", "PLAN_FORMAT = 1");
    commit();
    edit("plan/model.ts", "PLAN_FORMAT = 1", "PLAN_FORMAT = 2");
    assert.throws(
      against,
      /HEAD cannot be compared: its plan has format 1, this one has 2; compare with a newer revision/,
    );
  });
});
