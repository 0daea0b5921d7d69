import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { evaluate } from "../../engine/evaluate";
import { LabMonitor, type Registrations } from "../../engine/monitor";
import { DeploymentFailed, labEngine, type LabEngineOptions } from "../../engine/engine";
import type { Watcher } from "../../engine/progress";
import { CHECKOUT } from "../../paths";

describe("the lab engine", function () {
  this.timeout(60_000);
  let directory: string;
  let lines: string[];
  const engineFor = (program: () => unknown, options: Partial<LabEngineOptions> = {}) =>
    labEngine({
      stack: "lab",
      program,
      config: {},
      stateFile: join(directory, "state.json"),
      passphrase: "open sesame",
      print: (line) => lines.push(line),
      ...options,
    });
  const state = () => readFileSync(join(directory, "state.json"), "utf8");

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-lab-engine-"));
    lines = [];
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("refuses every stack but lab and lab-*", () => {
    for (const stack of ["prod", "dev", "laboratory", "mylab", "lab-", ""]) {
      assert.throws(() => engineFor(() => undefined, { stack }), /refuses stack .*use the Pulumi CLI/, stack);
    }
    for (const stack of ["lab", "lab-two"]) engineFor(() => undefined, { stack });
  });

  it("says on its first line what it is, and on a second run that nothing changed", async () => {
    const engine = engineFor(() => void new local.Command("a", { create: "true" }));
    assert.equal((await engine.up()).changed, true);
    assert.match(lines[0]!, /^lab engine: stands in for the Pulumi CLI on stack lab\. It is for the lab only/);
    lines = [];
    assert.equal((await engine.up()).changed, false);
    assert.match(lines.at(-1)!, /^nothing changed: 1 resources are as the program says/);
  });

  it("leaves out of a resource's answer what it does not have, as the wire does", async () => {
    const registrations: Registrations = {
      register: ({ urn }) =>
        Promise.resolve({ urn, id: "a", outputs: { stdout: { appVersion: undefined } }, failed: false }),
      registerOutputs: () => undefined,
    };
    const monitor = new LabMonitor(registrations, "lab", "groundwork");
    const program = (): object => ({ stdout: new local.Command("a", { create: "true" }).stdout });
    const errors = await evaluate({
      program,
      monitor,
      project: "groundwork",
      stack: "lab",
      config: {},
      isPreview: false,
    });
    assert.deepEqual(errors, []);
  });

  it("gives a program the outputs of the stacks that it may refer to, and keeps secrets secret", async () => {
    const program = async (): Promise<object> => {
      const cluster = new pulumi.StackReference("organization/groundwork/lab");
      const [secret, open] = await Promise.all(["kubeconfig", "url"].map((name) => cluster.getOutputDetails(name)));
      new local.Command("reader", { create: "cat >/dev/null", stdin: cluster.getOutput("kubeconfig") });
      return { open, isSecret: secret?.secretValue !== undefined, read: cluster.getOutput("kubeconfig") };
    };
    const outputs = { kubeconfig: { value: "CANARY", secret: true }, url: { value: "https://x", secret: false } };
    const references = (name: string) => (name === "organization/groundwork/lab" ? outputs : undefined);
    const engine = engineFor(program, { references });
    const result = await engine.up();
    assert.deepEqual(result.outputs["open"]?.value, { value: "https://x" });
    assert.equal(result.outputs["isSecret"]?.value, true);
    assert.deepEqual(result.outputs["read"], { value: "CANARY", secret: true });
    assert.ok(![state(), ...lines].some((text) => text.includes("CANARY")));
    assert.equal((await engine.up()).changed, false);
    await engine.destroy();
    await assert.rejects(engineFor(program).up(), /unknown stack "organization\/groundwork\/lab"/);
  });

  it("does not pretend to refresh", async () => {
    await assert.rejects(engineFor(() => undefined).refresh(), /cannot refresh: .*use the Pulumi CLI/);
  });

  it("shows in a preview the lines of a script that change, and does nothing", async () => {
    const script = (version: string) => `# converge\nset -eu\nversion=${version}\ntrue\n`;
    const engine = (version: string) =>
      engineFor(() => void new local.Command("a", { create: "sh -s", stdin: script(version) }));
    await engine("1").up();
    const before = state();
    lines = [];
    await engine("2").preview();
    assert.equal(state(), before);
    assert.deepEqual(lines.slice(1, -3), [
      " ~  command:local:Command a update [diff: ~stdin]",
      "      ~ stdin:",
      "          # converge",
      "          set -eu",
      "        - version=1",
      "        + version=2",
      "          true",
    ]);
  });

  it("never shows a secret and never writes one in plain text, even when a command prints it", async () => {
    const program = (token: string) => () => {
      const password = new RandomPassword("p", { length: 30 });
      const config = new pulumi.Config();
      const stdin = pulumi.all([password.result, config.requireSecret("token")]).apply((parts) => parts.join("\n"));
      const a = new local.Command("a", { create: "cat; cat >&2", stdin }, { additionalSecretOutputs: ["stdout"] });
      return { out: a.stdout, password: password.result, stack: pulumi.getStack(), token: `${token.length}` };
    };
    const run = (token: string) => {
      return engineFor(program(token), { config: { "groundwork:token": { value: token, secret: true } } });
    };
    const { outputs } = await run("first-token-of-the-config").up();
    await run("second-token-of-the-config").preview();
    const password = outputs["password"]!.value as string;
    assert.equal(outputs["password"]!.secret, true);
    assert.ok(lines.includes("a | [secret]"), lines.join("\n"));
    assert.ok(lines.includes("      ~ stdin: [secret] => [secret]"), lines.join("\n"));
    for (const text of [state(), lines.join("\n")]) {
      for (const hidden of [password, "first-token", "second-token"]) {
        assert.ok(!text.includes(hidden), `${hidden} in ${text}`);
      }
    }
    assert.equal(statSync(join(directory, "state.json")).mode & 0o777, 0o600);
    assert.deepEqual(engineFor(() => undefined).outputs()["password"], { value: password, secret: true });
  });

  it("runs side by side what does not depend on one another", async () => {
    const meeting = join(directory, "meeting");
    // Each waits until the other has come: one after the other they would never meet.
    const meet = (me: string, other: string) =>
      `mkdir -p ${meeting}; : > ${meeting}/${me}; for i in $(seq 100); do [ -e ${meeting}/${other} ] && exit 0; sleep 0.1; done; exit 1`;
    const program = () => {
      new local.Command("a", { create: meet("a", "b"), delete: `rm ${meeting}/a; ${meet("a-", "b-")}` });
      new local.Command("b", { create: meet("b", "a"), delete: `rm ${meeting}/b; ${meet("b-", "a-")}` });
    };
    await engineFor(program).up();
    await engineFor(program).destroy();
  });

  it("tells a watcher each step as it begins and ends, and begins nothing more once it is cancelled", async () => {
    const seen: string[] = [];
    const controller = new AbortController();
    const watcher: Watcher = {
      tell: (event) => {
        if (event.kind === "line") seen.push(`${event.resource.name} says ${event.text}`);
        else seen.push(`${event.operation} ${event.resource.name} ${event.phase}`);
        if (seen.at(-1) === "create a started") controller.abort();
      },
      signal: controller.signal,
    };
    const program = () => {
      const a = new local.Command("a", { create: "echo hello" });
      new local.Command("b", { create: "true" }, { dependsOn: a });
    };
    await assert.rejects(engineFor(program, { watcher }).up(), /b .*: it was not begun: the run was cancelled/);
    assert.deepEqual(
      seen.filter((line) => !line.includes("default")),
      ["create a started", "a says hello", "create a done"],
    );
    const { operations } = await engineFor(program).up();
    assert.deepEqual(
      operations.filter(({ operation }) => operation !== "same").map(({ name }) => name),
      ["b"],
    );
  });

  it("carries on with independent work after a failure, and reports the host's own lines", async () => {
    const program = () => {
      const a = new local.Command("a", { create: "echo no space left >&2; exit 5" });
      new local.Command("needs-a", { create: "true" }, { dependsOn: a });
      const b = new local.Command("b", { create: "sleep 0.3" });
      new local.Command("c", { create: "true" }, { dependsOn: b });
    };
    const failed = await engineFor(program)
      .up()
      .then(
        () => assert.fail("it did not fail"),
        (error: unknown) => error,
      );
    assert.ok(failed instanceof DeploymentFailed);
    assert.deepEqual(
      failed.failures.map(({ name }) => name),
      ["a"],
    );
    assert.match(
      failed.message,
      /^1 resource failed:\na \(command:local:Command\): exit status 5: running "echo no space left[^\n]*\nno space left\n/,
    );
    const made = (JSON.parse(state()) as { resources: { name: string; custom: boolean }[] }).resources;
    assert.deepEqual(
      made.filter(({ custom }) => custom).map(({ name }) => name),
      ["b", "c"],
    );
  });

  it("reports an error of the program as it is, and deletes nothing", async () => {
    await engineFor(() => void new local.Command("a", { create: "true", delete: `touch ${directory}/gone` })).up();
    const broken = engineFor(() => {
      throw new Error("nodes[0].hostKey is missing");
    });
    await assert.rejects(broken.up(), /the program \(pulumi:pulumi:Stack\): nodes\[0\]\.hostKey is missing/);
    assert.ok(!existsSync(join(directory, "gone")));
    const inApply = engineFor(() => void pulumi.output(1).apply(() => assert.fail("wrong in apply")));
    await assert.rejects(inApply.up(), /wrong in apply/);
  });

  it("refuses what it does not imitate instead of leaving it out", async () => {
    const imported = engineFor(() => void new local.Command("a", { create: "true" }, { import: "x" }));
    await assert.rejects(imported.up(), /does not imitate import \(of a\)/);
    class Unknown extends pulumi.CustomResource {}
    await assert.rejects(
      engineFor(() => void new Unknown("aws:s3:Bucket", "b", {})).up(),
      /does not know resources of type aws:s3:Bucket/,
    );
    await assert.rejects(
      engineFor(() => local.run({ command: "true" })).up(),
      /does not know the function command:local:run/,
    );
  });

  it("opens a state with its own passphrase only", async () => {
    await engineFor(() => undefined).up();
    await assert.rejects(
      engineFor(() => undefined, { passphrase: "wrong" }).up(),
      /the passphrase does not open .*state\.json/,
    );
    await assert.rejects(
      engineFor(() => undefined, { stack: "lab-two" }).up(),
      /is the state of stack lab, not of lab-two/,
    );
  });

  it("lets one process at a time work on a state, and takes over from one that is gone", async () => {
    const lock = join(directory, "state.json.lock");
    writeFileSync(lock, "1");
    await assert.rejects(engineFor(() => undefined).up(), /process 1 is working on .*state\.json/);
    writeFileSync(lock, "4194399");
    await engineFor(() => undefined).up();
    assert.ok(!existsSync(lock));
  });

  it("loses nothing when it is killed: what was done stays done, what was cut off is done again", async () => {
    const command = (sleeps: boolean) => (sleeps ? `echo ready > ${directory}/ready; sleep 60` : "true");
    const program = (version: string, sleeps: boolean) => () => {
      const a = new local.Command("a", { create: `echo a >> ${directory}/log` });
      new local.Command(
        "b",
        { create: `echo b >> ${directory}/log`, update: command(sleeps), stdin: version },
        { dependsOn: a },
      );
    };
    await engineFor(program("1", false)).up();
    const script = `
      const { labEngine } = require("./engine/engine"); const { local } = require("@pulumi/command");
      const program = () => { const a = new local.Command("a", { create: "echo a >> ${directory}/log" });
        new local.Command("b", { create: "echo b >> ${directory}/log", update: ${JSON.stringify(command(true))}, stdin: "2" }, { dependsOn: a }); };
      labEngine({ stack: "lab", program, config: {}, stateFile: "${directory}/state.json", passphrase: "open sesame", print() {} }).up();`;
    const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", script], {
      stdio: "inherit",
      cwd: join(CHECKOUT, "lab"),
      detached: true,
    });
    for (let waited = 0; !existsSync(join(directory, "ready")); waited += 50) {
      assert.ok(waited < 15_000, "the child did not come that far");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    process.kill(-child.pid!, "SIGKILL");
    await new Promise((resolve) => child.on("close", resolve));
    const { operations } = await engineFor(program("1", false)).up();
    assert.ok(
      lines.some((line) => /the last run ended while updating urn:.*::b: /.test(line)),
      lines.join("\n"),
    );
    assert.deepEqual(
      operations.map(({ name, operation }) => `${operation} ${name}`),
      ["same a", "update b"],
    );
    assert.equal((await engineFor(program("1", false)).up()).changed, false);
    assert.equal(readFileSync(join(directory, "log"), "utf8"), "a\nb\n");
  });
});
