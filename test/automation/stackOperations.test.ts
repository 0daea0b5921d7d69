import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { openStack, StackError, type ClusterStack, type StackOptions } from "../../automation/stacks";
import { node } from "../config/fixtures";
import { fakePulumi } from "./fakePulumi";

describe("operations on a stack, as the engine is asked for them", () => {
  let directory: string;
  beforeEach(() => (directory = fs.mkdtempSync(path.join(os.tmpdir(), "operations-test-"))));
  afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

  const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0LXNlY3JldA==\n-----END OPENSSH PRIVATE KEY-----\n";
  const settings = { nodes: [node("s1", { role: "server" }) as never], ssh: { privateKey } };
  const open = (more: Partial<StackOptions> = {}): ClusterStack =>
    openStack({ name: "test", settings, passphrase: "correct horse", pulumiRoot: directory, ...more });
  const failing = async (run: PromiseLike<unknown>): Promise<StackError> => {
    const error: unknown = await run.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof StackError, String(error));
    return error;
  };
  const asked = (): string[] => fs.readFileSync(path.join(directory, "asked"), "utf8").trim().split("\n");
  const kept = (name: string): unknown => JSON.parse(fs.readFileSync(path.join(directory, name), "utf8"));

  /** A Pulumi that writes down what it is asked, and answers `case "$*"` by these patterns. */
  const answering = (answers: Readonly<Record<string, string>>): void => {
    const cases = Object.entries(answers).map(([pattern, script]) => `${pattern}) ${script} ;;`);
    const script = `cd '${directory}'; echo "$*" >>asked; case "$*" in ${cases.join("\n")}\n*) echo '{}' ;; esac`;
    fakePulumi(directory, { script });
  };
  const printing = (value: unknown): string => `cat <<'END'\n${JSON.stringify(value)}\nEND\n`;
  const missing = `echo "error: no stack named 'test' found" >&2; exit 255`;

  const entry = (kind: string, more: object = {}): object => ({
    version: 0,
    kind,
    startTime: "2026-11-29T10:00:00.000Z",
    endTime: "2026-11-29T10:01:00.000Z",
    message: "with correct horse in it",
    environment: { "git.author": "ann" },
    config: { "groundwork:cluster": { value: "a-value", secret: false } },
    result: "succeeded",
    resourceChanges: { create: 3 },
    ...more,
  });

  it("read a history without the values of any setting, and number it where the backend does not", async () => {
    const all = [
      entry("destroy", { result: "in-progress", endTime: undefined }),
      entry("resource-import"),
      entry("update"),
    ];
    answering({ "*--page-size*2*": printing(all.slice(0, 2)), "*--page-size*0*": printing(all) });
    const history = await open({ settings: undefined }).history({ limit: 2 });
    const start = new Date("2026-11-29T10:00:00Z");
    const common = { start, changes: { create: 3 }, message: "with [secret] in it" };
    assert.deepEqual(history, [
      { version: 3, operation: "destroy", result: "in-progress", end: undefined, ...common },
      { version: 2, operation: "import", result: "succeeded", end: new Date("2026-11-29T10:01:00Z"), ...common },
    ]);
    assert.ok(!asked().some((line) => line.includes("--show-secrets")));
    const numbered = [entry("update", { version: 12 })];
    answering({ "*history*": printing(numbered) });
    assert.deepEqual(
      (await open().history()).map(({ version, operation }) => [version, operation]),
      [[12, "up"]],
    );
  });

  const state = (
    resources: number,
    stack = "test",
    project = "groundwork",
  ): { version: number; deployment: object } => ({
    version: 3,
    deployment: {
      resources: Array.from({ length: resources }, (_, index) => ({
        urn: `urn:pulumi:${stack}::${project}::random:index/randomPassword:RandomPassword::r${index}`,
        type: "random:index/randomPassword:RandomPassword",
      })),
      secrets_providers: { type: "passphrase", state: { salt: "v1:" } },
    },
  });

  it("import a state through a pipe, into a stack that is made for it", async () => {
    answering({ "*output*": missing, "*stack*import*": "cat >imported" });
    assert.deepEqual(await open({ settings: undefined }).import(state(2)), { resources: 2 });
    assert.deepEqual(kept("imported"), state(2));
    assert.deepEqual(
      asked().map((line) => line.replace(/ --(non-interactive|no-select|json)/g, "")),
      ["stack output --stack test", "stack init test --secrets-provider passphrase", "stack import --stack test"],
    );
  });

  it("do not leave a stack behind that was made for a state that could not be imported", async () => {
    const refusal = `cat >/dev/null; echo "error: incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE to the correct passphrase" >&2; exit 255`;
    answering({ "*output*": missing, "*stack*import*": refusal });
    assert.equal((await failing(open().import(state(1)))).code, "wrong-passphrase");
    assert.match(asked().at(-1) ?? "", /^stack rm --yes --stack test/);
  });

  it("do not replace a state that has resources, unless that is said", async () => {
    answering({ "*stack*export*": printing(state(3)), "*stack*import*": "cat >imported" });
    const refused = await failing(open().import(state(1)));
    assert.deepEqual(
      [refused.code, refused.message],
      ["stack-not-empty", "stack 'test': import would replace a state with 3 resources"],
    );
    assert.ok(!fs.existsSync(path.join(directory, "imported")));
    await open().import(state(1), { replace: true });
    assert.deepEqual(kept("imported"), state(1));
  });

  it("refuse a state of another stack or project, and what is no state, before anything is asked", async () => {
    answering({});
    const problems = async (deployment: unknown): Promise<string[]> =>
      (await failing(open().import(deployment as never))).problems.map(({ path, problem }) => `${path} ${problem}`);
    assert.deepEqual(await problems(state(2, "prod", "infra")), [
      "deployment is of a stack with the name 'prod'",
      "deployment is of a project with the name 'infra'",
    ]);
    assert.deepEqual(await problems({ version: 3 }), ["deployment is not an exported state"]);
    assert.deepEqual(await problems("{}"), ["deployment is not an exported state"]);
    assert.ok(!fs.existsSync(path.join(directory, "asked")));
  });

  it("export a state with its secrets as they are encrypted", async () => {
    answering({ "*stack*export*": printing(state(1)) });
    assert.deepEqual(await open({ settings: undefined }).export(), state(1));
    assert.ok(!asked().some((line) => line.includes("--show-secrets")));
  });

  it("refresh with the program where there are settings, and without it otherwise", async () => {
    answering({ "refresh*": "exit 1" });
    await failing(open().refresh({ message: "at night" }));
    await failing(open({ settings: undefined }).refresh());
    const [first = "", second = ""] = asked().filter((line) => line.startsWith("refresh"));
    assert.match(first, /--message at night/);
    assert.match(first, /--run-program=true.*--client=127\.0\.0\.1:\d+/);
    assert.match(second, /--run-program=false/);
    assert.doesNotMatch(second, /--client/);
  });

  /** Shell that gives the file after an option. */
  const fileAfter = (option: string): string => `$(echo "$*" | sed 's/.*${option} \\([^ ]*\\).*/\\1/')`;

  it("hand the engine's plan from a preview to up, as it was", async () => {
    answering({
      "preview*--save-plan*": `echo '{"resourcePlans":{}}' >"${fileAfter("--save-plan")}"`,
      "up*--plan*": `cp "${fileAfter("--plan")}" planned; stat -c %a "${fileAfter("--plan")}" >mode; exit 1`,
    });
    const { plan } = await open().preview();
    await failing(open().up({ plan: JSON.parse(JSON.stringify(plan)) as typeof plan }));
    assert.deepEqual(kept("planned"), { resourcePlans: {} });
    assert.equal(kept("mode"), 600);
    assert.ok(!JSON.stringify(plan).includes("c2VjcmV0"));
    const other = await failing(open({ settings: { ...settings, dns: { upstream: ["10.0.0.1"] } } }).up({ plan }));
    assert.deepEqual([other.code, other.problems.map(({ path }) => path)], ["plan-differs", ["dns"]]);
  });

  it("make the stack that a plan was made for with the plan's encryption, so that its secrets can be read", async () => {
    const encryption = "encryptionsalt: v1:of-the-preview:\n";
    answering({
      "*output*": missing,
      "preview*": `echo '{}' >"${fileAfter("--save-plan")}"`,
      // In the preview it writes how secrets are encrypted; in up it finds that.
      "*stack*init*": `[ -e "$OLDPWD/Pulumi.test.yaml" ] && cp "$OLDPWD/Pulumi.test.yaml" found || printf '${encryption}' >"$OLDPWD/Pulumi.test.yaml"`,
      "up*": "exit 1",
    });
    const { plan } = await open().preview();
    await failing(open().up({ plan }));
    assert.equal(fs.readFileSync(path.join(directory, "found"), "utf8"), encryption);

    const own = await open({ passphrase: undefined }).preview();
    const refused = await failing(open({ passphrase: undefined }).up({ plan: own.plan }));
    assert.deepEqual([refused.code, refused.problems[0]?.path], ["plan-differs", "stack"]);
  });
});
