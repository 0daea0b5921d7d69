import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { openStack, Secret, StackError, type StackEvent, type StackOptions } from "../../automation/stacks";
import { node } from "../config/fixtures";
import { fakePulumi } from "./fakePulumi";

const PASSPHRASE = "correct horse battery";

describe("a stack, up to the engine's door", () => {
  let directory: string;
  // Of this suite alone: other processes make work directories in the machine's meanwhile, and remove them.
  const machines = process.env["TMPDIR"];
  let own: string;
  before(() => {
    own = fs.mkdtempSync(path.join(os.tmpdir(), "stacks-test-"));
    process.env["TMPDIR"] = own;
  });
  after(() => {
    if (machines === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = machines;
    fs.rmSync(own, { recursive: true, force: true });
  });
  beforeEach(() => (directory = fs.mkdtempSync(path.join(os.tmpdir(), "stacks-test-"))));
  afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

  /** Work directories that are there now. */
  const workDirectories = (): string[] => fs.readdirSync(os.tmpdir()).filter((name) => /^groundwork-\w{6}$/.test(name));
  const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0LXNlY3JldA==\n-----END OPENSSH PRIVATE KEY-----\n";
  const options = (more: Partial<StackOptions> = {}): StackOptions => ({
    name: "test",
    settings: { nodes: [node("s1", { role: "server" }) as never], ssh: { privateKey } },
    passphrase: PASSPHRASE,
    backendUrl: "file:///nowhere",
    pulumiRoot: directory,
    ...more,
  });
  const failing = async (run: () => Promise<unknown>): Promise<StackError> => {
    try {
      await run();
    } catch (error) {
      assert.ok(error instanceof StackError, String(error));
      return error;
    }
    throw new assert.AssertionError({ message: "it did not fail" });
  };

  it("tells every problem of the settings at once, and starts nothing", async () => {
    const ran = path.join(directory, "ran");
    fakePulumi(directory, { script: `touch '${ran}'` });
    const settings = {
      nodes: [{ ...node("s1"), role: "boss" }, node("s1")],
      ssh: { privateKey: "hunter2!" },
      nope: {},
    };
    const error = await failing(() => openStack(options({ settings: settings as never })).up());
    assert.equal(error.code, "invalid-settings");
    assert.deepEqual(
      ["nodes[0].role", "nope", "ssh.privateKey"].filter((path) => !error.problems.some((each) => each.path === path)),
      [],
    );
    assert.ok(!JSON.stringify([error.message, error.problems]).includes("hunter2!"));
    assert.ok(!fs.existsSync(ran));
    const none = await failing(() => openStack(options({ settings: undefined })).preview());
    assert.match(none.message, /nodes: stack 'test' names no machines/);
  });

  it("refuses a name or a passphrase that the engine would take for another one", () => {
    const problem = (more: Partial<StackOptions>): string => {
      try {
        openStack(options(more));
        return "";
      } catch (error) {
        return error instanceof StackError
          ? error.problems.map(({ path, problem }) => `${path} ${problem}`).join()
          : "";
      }
    };
    assert.equal(problem({ name: "--all" }), "name is not a stack's name");
    assert.equal(problem({ name: "a/b/c" }), "name is not a stack's name");
    assert.equal(problem({ name: "org/dev" }), "");
    assert.equal(problem({ passphrase: "trailing " }), "passphrase begins or ends with white space");
    assert.equal(problem({ passphrase: Secret.of("") }), "passphrase is empty");
    assert.equal(problem({ secretsProvider: "awskms://x" }), "secretsProvider is given besides a passphrase");
  });

  it("says that there is no engine, and leaves nothing behind", async () => {
    const before = workDirectories();
    const error = await failing(() => openStack(options()).up());
    assert.equal(error.code, "no-engine");
    assert.deepEqual(workDirectories(), before);
  });

  it("hands over the passphrase in a file for nobody else, and takes it away with its directory", async () => {
    // What Pulumi would see: its arguments, its environment, its directory, and the passphrase's file.
    const seen = path.join(directory, "seen");
    const look =
      'stat -c "%a" . "$PULUMI_CONFIG_PASSPHRASE_FILE"; cat "$PULUMI_CONFIG_PASSPHRASE_FILE"; echo; pwd; echo "$@"; env';
    fakePulumi(directory, { script: `{ ${look}; } >'${seen}'; echo "error: no: ${PASSPHRASE}" >&2; exit 1` });
    const environment = { PULUMI_CONFIG_PASSPHRASE: "of the environment", PULUMI_ACCESS_TOKEN: "pul-1234" };
    const error = await failing(() => openStack(options({ environment })).up());
    const [own, file, passphrase, workDirectory, ...rest] = fs.readFileSync(seen, "utf8").split("\n");
    assert.deepEqual([own, file, passphrase], ["700", "600", PASSPHRASE]);
    assert.ok(!fs.existsSync(workDirectory ?? "/"));
    const others = rest.join("\n");
    assert.ok(!others.includes(PASSPHRASE) && !others.includes("c2VjcmV0") && !others.includes("of the environment"));
    assert.match(others, /^PULUMI_BACKEND_URL=file:\/\/\/nowhere$/m);
    assert.match(others, /^PULUMI_ACCESS_TOKEN=pul-1234$/m);
    assert.deepEqual([error.code, error.message], ["failed", "stack 'test': up failed:\n  error: no: [secret]"]);
  });

  it("leaves the environment's own passphrase alone when none is given", async () => {
    const seen = path.join(directory, "seen");
    fakePulumi(directory, { script: `env >'${seen}'; exit 1` });
    const environment = { PULUMI_CONFIG_PASSPHRASE: "of the environment" };
    await failing(() => openStack(options({ passphrase: undefined, environment })).outputs());
    assert.match(fs.readFileSync(seen, "utf8"), /^PULUMI_CONFIG_PASSPHRASE=of the environment$/m);
  });

  it("gives each operation a directory of its own, also side by side", async () => {
    const seen = path.join(directory, "seen");
    fakePulumi(directory, { script: `pwd >>'${seen}'; exit 1` });
    const stack = openStack(options());
    await Promise.all([1, 2, 3].map(() => failing(() => stack.outputs())));
    assert.equal(new Set(fs.readFileSync(seen, "utf8").trim().split("\n")).size, 3);
  });

  it("gives outputs with the secrets sealed", async () => {
    fakePulumi(directory, { script: `echo '{"apiUrl":"https://a:6443","kubeconfig":"[secret]"}'` });
    const outputs = await openStack(options({ settings: undefined })).outputs();
    assert.equal(outputs.apiUrl, "https://a:6443");
    assert.equal(String(outputs.kubeconfig), "[secret]");
    assert.equal(outputs.kubeconfig?.isKnown, false);
  });

  it("starts nothing when it is cancelled before", async () => {
    const ran = path.join(directory, "ran");
    fakePulumi(directory, { script: `touch '${ran}'` });
    const error = await failing(() => openStack(options()).up({ signal: AbortSignal.abort() }));
    assert.equal(error.code, "cancelled");
    assert.ok(!fs.existsSync(ran));
  });

  it("tells the warnings about the settings as events", async () => {
    fakePulumi(directory);
    const events: StackEvent[] = [];
    const settings = { ...options().settings, network: { nodePortRange: "1-65535" } };
    await failing(() => openStack(options({ settings: settings })).up({ onEvent: (event) => events.push(event) }));
    assert.ok(
      events.some(
        (event) => event.kind === "problem" && event.severity === "warning" && event.text.includes("nodePortRange"),
      ),
    );
  });
});
