import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { findPulumi, runPulumi } from "../../automation/pulumiCli";
import {
  openStack,
  StackError,
  type ClusterStack,
  type StackEvent,
  type StackOptions,
  type StackPlan,
} from "../../automation/stacks";
import { noEngine } from "../automation/engine";
import { node } from "../config/fixtures";
import { K3S_YAML } from "../program";
import { ed25519Key } from "../sshKey";

const ROOT = path.join(__dirname, "..", "..");
const PASSPHRASE = "correct horse";
const KEY = ed25519Key().private;
const KEY_LINE = KEY.split("\n")[2] ?? "";

describe("plans, history and moves of a stack, on Pulumi's engine", function () {
  this.timeout(120_000);
  let directory: string;

  before(async function () {
    const reason = await noEngine();
    if (reason !== undefined) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "engine-test-"));
  });
  after(() => {
    if (directory !== undefined) fs.rmSync(directory, { recursive: true, force: true });
  });

  /** A directory as a backend. */
  const backend = (name: string): string => {
    fs.mkdirSync(path.join(directory, name), { recursive: true });
    return pathToFileURL(path.join(directory, name)).href;
  };
  /** A cluster of somebody else, in which nothing is installed: no host and no API is asked for it. */
  const existing = { cluster: { kubeconfig: K3S_YAML } };
  /** Nothing listens on port 1 of this machine: a host that cannot be reached, after what needs none was made. */
  const unreachable = {
    nodes: [node("s1", { role: "server", address: "127.0.0.1", ssh: { port: 1 } })],
    ssh: { privateKey: KEY, dialAttempts: 1 },
    ingress: { controller: "none" },
  };
  const open = (name: string, settings: object | undefined, more: Partial<StackOptions> = {}): ClusterStack =>
    openStack({ name, settings: settings, backendUrl: backend("state"), passphrase: PASSPHRASE, ...more });
  const failing = async (run: PromiseLike<unknown>): Promise<StackError> => {
    const error: unknown = await run.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof StackError, `no StackError: ${String(error)}`);
    return error;
  };
  const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

  it("does what the plan of a stack says that was not there, tells its events, and writes it down", async () => {
    const { plan, changes } = await open("office", existing).preview();
    assert.ok(changes.length > 0);
    const run = open("office", existing).up({ plan: throughJson(plan), message: "by plan" });
    const events: StackEvent[] = [];
    for await (const event of run.events) events.push(event);
    const { outputs, counts } = await run;
    assert.equal(counts.create, changes.length);
    assert.equal(outputs.kubeconfig.reveal(), K3S_YAML);
    assert.equal(events.at(-1)?.kind, "summary");

    await open("office", undefined).refresh();
    await open("office", existing).refresh();
    const history = await open("office", undefined, { passphrase: undefined }).history();
    assert.deepEqual(
      history.map(({ version, operation, result, message }) => [version, operation, result, message]),
      [
        [3, "refresh", "succeeded", ""],
        [2, "refresh", "succeeded", ""],
        [1, "up", "succeeded", "by plan"],
      ],
    );
    assert.deepEqual(history[2]?.changes, counts);
    assert.ok(history.every(({ start, end }) => end !== undefined && end >= start));
    assert.deepEqual(
      (await open("office", undefined).history({ limit: 2 })).map(({ version }) => version),
      [3, 2],
    );
  });

  it("moves to another backend with its secrets, and is not imported over resources", async () => {
    const state = throughJson(await open("office", undefined).export());
    assert.ok(!JSON.stringify(state).includes("current-context"));
    const there = { backendUrl: backend("elsewhere") };
    const wrong = await failing(open("office", undefined, { ...there, passphrase: "battery staple" }).import(state));
    assert.equal(wrong.code, "wrong-passphrase");
    assert.equal((await failing(open("office", undefined, there).outputs())).code, "stack-not-found");

    const { resources } = await open("office", undefined, there).import(state);
    assert.ok(resources > 0);
    assert.deepEqual((await open("office", existing, there).preview()).changes, []);
    const outputs = await open("office", undefined, there).outputs({ showSecrets: true });
    assert.equal(outputs.kubeconfig?.reveal(), K3S_YAML);
    assert.equal((await failing(open("office", undefined, there).import(state))).code, "stack-not-empty");
    assert.deepEqual(await open("office", undefined, there).import(state, { replace: true }), { resources });
    assert.deepEqual(await open("office", undefined, there).history(), []);
    assert.equal((await failing(open("other", undefined, there).import(state))).code, "invalid-settings");
  });

  let plan: StackPlan;
  it("keeps the secrets of a plan encrypted, and goes on with it after a failure", async () => {
    ({ plan } = await open("branch", unreachable).preview());
    const text = JSON.stringify(plan);
    assert.match(text, /ciphertext/);
    assert.ok(!text.includes(KEY_LINE) && !text.includes(PASSPHRASE));
    for (const attempt of ["first", "second"]) {
      const failed = await failing(open("branch", unreachable).up({ plan }));
      assert.equal(failed.code, "failed", attempt);
      assert.deepEqual([...new Set(failed.failures.map(({ resource }) => resource.node))], ["s1"]);
    }
  });

  it("does nothing by a plan that other settings were made of, or with another passphrase", async () => {
    const settings = { ...unreachable, dns: { upstream: ["192.168.10.2"] } };
    const other = await failing(open("branch", settings).up({ plan }));
    assert.deepEqual([other.code, other.problems.map(({ path }) => path)], ["plan-differs", ["dns"]]);
    const wrong = await failing(open("branch", unreachable, { passphrase: "battery staple" }).up({ plan }));
    assert.equal(wrong.code, "wrong-passphrase");
  });

  it("says what is not as planned when the state has changed since, without any value of it", async () => {
    const { plan: later } = await open("branch", unreachable).preview();
    const state = throughJson(await open("branch", undefined).export());
    const { resources } = state.deployment as {
      resources: { urn: string; type: string; inputs: Record<string, unknown> }[];
    };
    const token = resources.find(({ type }) => type.startsWith("random:"));
    assert.ok(token !== undefined);
    token.inputs["keepers"] = { canary: "CANARY" };
    await open("branch", undefined).import(state, { replace: true });
    const events: StackEvent[] = [];
    const error = await failing(
      open("branch", unreachable).up({ plan: later, onEvent: (event) => events.push(event) }),
    );
    assert.equal(error.code, "plan-differs");
    const name = token.urn.split("::").at(-1);
    assert.ok(
      error.problems.some(({ path: each }) => each === name),
      error.message,
    );
    assert.ok(!JSON.stringify([error.message, error.problems, events]).includes("CANARY"));
  });

  it("opens a stack by its name that the command line has made in a checkout", async function () {
    const pulumi = await findPulumi({ environment: process.env });
    const languageHost = path.join(path.dirname(pulumi.command), "pulumi-language-nodejs");
    if (!fs.existsSync(languageHost)) {
      console.log("    skipped: Pulumi's language host for Node.js is not installed");
      this.skip();
    }
    const stack = `e2e-${process.pid}`;
    const environment = {
      ...process.env,
      PULUMI_BACKEND_URL: backend("state"),
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const ask = async (args: readonly string[], input?: string): Promise<string> =>
      runPulumi(pulumi, [...args, "--stack", stack], { directory: ROOT, environment, input });
    try {
      await runPulumi(pulumi, ["stack", "init", stack, "--no-select"], { directory: ROOT, environment });
      await ask(["config", "set", "--secret", "--path", "groundwork:cluster.kubeconfig"], K3S_YAML);
      await ask(["up", "--yes", "--skip-preview"]);
      assert.deepEqual((await open(stack, existing).preview()).changes, []);
      const outputs = await open(stack, undefined).outputs({ showSecrets: true });
      assert.equal(outputs.kubeconfig?.reveal(), K3S_YAML);
      const [entry] = await open(stack, undefined).history();
      assert.deepEqual([entry?.operation, entry?.result], ["up", "succeeded"]);
      assert.ok(!JSON.stringify(entry).includes("kubeconfig"));
      await open(stack, undefined).destroy({ remove: true });
    } finally {
      fs.rmSync(path.join(ROOT, `Pulumi.${stack}.yaml`), { force: true });
    }
  });
});
