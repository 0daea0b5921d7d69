import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";
import { messagesOf, type StreamMessage } from "../../../service/eventStream";
import { killed } from "../../../test/service/served";
import { stackName } from "../../naming";
import { CHECKOUT } from "../../paths";
import { engine, eventually, type KubernetesNode } from "./clusterOnLab";
import { oneLab, withoutAddons } from "./oneLab";
import { DocumentClient } from "./service/documentClient";
import { groundworkAnywhere } from "./verb";

// A client that knows the OpenAPI document and nothing else makes a cluster, changes it and takes it away, by a service that dies.
describe("a cluster by the service alone", function () {
  const theLab = oneLab(this, "test-service", async (lab) => {
    await lab.up({ servers: 1, agents: 1 });
    withoutAddons(lab);
  });
  const directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  const file = join(directory, "service.yaml");
  let stack = "";
  let token = "";
  let address = "";
  let service: ChildProcess | undefined;
  let client: DocumentClient;

  /** A service as `groundwork serve` starts it, with the engine of this lab. */
  const start = async (): Promise<void> => {
    const program = join(CHECKOUT, "test", "service", "serviceProcess.ts");
    const opens =
      engine === "lab" ? join(__dirname, "service", "servedLab") : join(CHECKOUT, "service/runs/pulumiEngine");
    const child = spawn(process.execPath, ["--require", join(CHECKOUT, "bin", "typescript.js"), program, file, opens], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    service = child;
    address = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (line: Buffer) => resolve(line.toString().trim()));
      child.once("exit", (code) => reject(new Error(`the service ended with ${code ?? "a signal"}`)));
    });
  };

  before(async () => {
    const lab = theLab();
    stack = stackName(lab.name);
    const { root, passphrase, backend } = lab.paths;
    mkdirSync(backend, { recursive: true, mode: 0o700 });
    const served = { project: root, backendUrl: pathToFileURL(backend).href, passphraseFile: passphrase };
    writeFileSync(file, stringify({ directory: "record", listen: { port: 0 }, stacks: { [stack]: served } }));
    const allow = `${stack}:read,preview,up,destroy,approve,outputs,secrets`;
    const { code, out, err } = await groundworkAnywhere(
      lab,
      ...["serve", "token", "create", "--name", "script", "--allow", allow, "--config", file],
    );
    assert.equal(code, 0, err);
    token = /gw_[0-9a-f]{12}_[\w-]{43}/.exec(out)?.[0] ?? "";
    await start();
    client = await DocumentClient.open(() => address, token);
  });
  after(async () => {
    if (service !== undefined) await killed(service, "SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });

  /** Begins something long, and gives its id. */
  const begin = async (
    operationId: string,
    path: Record<string, string>,
    body: unknown,
    key: string = randomUUID(),
  ): Promise<string> => {
    const headers = { "idempotency-key": key };
    const { status, body: operation } = await client.call(operationId, { path, body, headers });
    assert.equal(status, 202, JSON.stringify(operation));
    return (operation as { id: string }).id;
  };
  /** Messages of an operation behind the last one that was received. */
  async function* received(id: string, last?: string): AsyncGenerator<StreamMessage> {
    const headers: Record<string, string> = last === undefined ? {} : { "last-event-id": last };
    yield* messagesOf(await client.stream("watchOperation", { path: { id }, headers }));
  }
  const toItsEnd = async (id: string, last?: string): Promise<StreamMessage[]> => {
    const all: StreamMessage[] = [];
    for await (const message of received(id, last)) all.push(message);
    return all;
  };
  type Step = {
    readonly phase: string;
    readonly operation: string;
    readonly resource: { readonly type: string; readonly name: string };
  };
  /** Components have steps on Pulumi's engine, and the names of what is in them. */
  const stepsIn = (messages: readonly StreamMessage[], phase: string): string[] =>
    messages
      .filter(({ event, data }) => event === "step" && (data as Step).phase === phase)
      .filter(({ data }) => !/^(groundwork|pulumi):/.test((data as Step).resource.type))
      .map(({ data }) => `${(data as Step).operation} ${(data as Step).resource.name}`);

  it("is made by a run that outlives a service that is killed in its middle; nothing is done twice", async () => {
    const lab = theLab();
    const first = ["startRun", { name: stack }, { kind: "up", message: "the first" }, "first"] as const;
    const id = await begin(...first);
    const before: StreamMessage[] = [];
    for await (const message of received(id)) {
      before.push(message);
      if (stepsIn([message], "started").includes("create server-1")) break;
    }
    assert.ok(service);
    await killed(service, "SIGKILL");
    await assert.rejects(fetch(`${address}/livez`));
    await start();
    const after = await toItsEnd(id, before.at(-1)?.id);
    const last = after.at(-1);
    assert.equal(last?.event, "end");
    const { body } = await client.call("getOperation", { path: { id } });
    assert.equal(body.state, "succeeded", JSON.stringify(body.error));

    const all = [...before, ...after];
    const done = stepsIn(all, "done");
    for (const name of ["server-1", "server-1-ready", "agent-1", "agent-1-ready"]) {
      assert.equal(done.filter((step) => step === `create ${name}`).length, 1, name);
    }
    assert.equal(new Set(all.map(({ id: one }) => one)).size, all.length, "each message once");
    // The same request again is the same run.
    assert.equal(await begin(...first), id);

    const { body: sealed } = await client.call("getOutputs", { path: { name: stack } });
    assert.equal(sealed.outputs.kubeconfig, "[secret]");
    const { body: open } = await client.call("getOutputs", { path: { name: stack }, query: { secrets: "true" } });
    writeFileSync(lab.paths.kubeconfig, open.outputs.kubeconfig as string, { mode: 0o600 });
    await eventually("both nodes are Ready", async () => {
      const nodes = await lab.get<KubernetesNode>("nodes");
      return (
        nodes.length === 2 &&
        nodes.every(({ status }) => status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"))
      );
    });
  });

  const label = async (): Promise<string | undefined> =>
    (await theLab().get<KubernetesNode>("nodes")).find(({ metadata }) => metadata.name === "agent-1")?.metadata
      .labels?.["example.org/rack"];

  it("is changed by the plan of a preview that was looked at, and by nothing else", async () => {
    const lab = theLab();
    lab.setNode("agent-1", "labels", { "example.org/rack": "a" });
    const preview = await begin("startPreview", { name: stack }, {});
    const messages = await toItsEnd(preview);
    const { body } = await client.call("getOperation", { path: { id: preview } });
    assert.equal(body.state, "succeeded", JSON.stringify(body.error));
    const changes = body.result.changes as { operation: string; resource: { name: string; node?: string } }[];
    assert.ok(changes.length > 0);
    for (const { operation, resource } of changes) {
      assert.equal(operation, "update");
      assert.match(resource.name, /^agent-1/);
      assert.equal(resource.node, "agent-1");
    }
    assert.deepEqual(
      stepsIn(messages, "planned").sort(),
      changes.map(({ operation, resource }) => `${operation} ${resource.name}`).sort(),
    );
    assert.equal(await label(), undefined);
    const run = await begin("approvePreview", { id: preview }, { message: "looked at" });
    const done = stepsIn(await toItsEnd(run), "done");
    const { body: ended } = await client.call("getOperation", { path: { id: run } });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.deepEqual(done.sort(), changes.map(({ operation, resource }) => `${operation} ${resource.name}`).sort());
    assert.equal(await label(), "a");
  });

  it("has its certificates renewed by a plan, though a preview cannot know the kubeconfig that comes of it", async () => {
    theLab().set(["cluster", "renewCertificates"], "2027-09");
    const preview = await begin("startPreview", { name: stack }, {});
    assert.ok(stepsIn(await toItsEnd(preview), "planned").some((step) => step.endsWith(" credentials")));
    const run = await begin("approvePreview", { id: preview }, {});
    const done = stepsIn(await toItsEnd(run), "done");
    const { body } = await client.call("getOperation", { path: { id: run } });
    assert.equal(body.state, "succeeded", JSON.stringify(body.error));
    assert.ok(
      done.some((step) => step.endsWith(" credentials")),
      done.join(", "),
    );
  });

  it("is not changed by a plan that something else came after", async () => {
    const lab = theLab();
    lab.setNode("agent-1", "labels", { "example.org/rack": "b" });
    const preview = await begin("startPreview", { name: stack }, {});
    await toItsEnd(preview);
    lab.setNode("agent-1", "labels", { "example.org/rack": "c" });
    const run = await begin("approvePreview", { id: preview }, {});
    await toItsEnd(run);
    const { body } = await client.call("getOperation", { path: { id: run } });
    assert.deepEqual([body.state, body.error.code], ["failed", "plan-differs"]);
    assert.equal(await label(), "a");
  });

  it("is taken away, and nothing of its secrets stands in the service's record", async () => {
    const lab = theLab();
    const id = await begin("startRun", { name: stack }, { kind: "destroy" });
    await toItsEnd(id);
    const { body } = await client.call("getOperation", { path: { id } });
    assert.equal(body.state, "succeeded", JSON.stringify(body.error));
    for (const host of ["server-1", "agent-1"]) {
      assert.equal(await lab.on(host, "test ! -e /usr/local/bin/k3s && echo gone"), "gone");
    }
    const { body: listed } = await client.call("listOperations", { path: { name: stack } });
    assert.deepEqual(
      (listed.operations as { kind: string; state: string }[]).map(({ kind, state }) => `${kind} ${state}`),
      [
        ...["destroy succeeded", "up failed", "preview succeeded"],
        ...["up succeeded", "preview succeeded", "up succeeded", "preview succeeded", "up succeeded"],
      ],
    );
    const key = /client-key-data: (\S+)/.exec(readFileSync(lab.paths.kubeconfig, "utf8"))?.[1] ?? "none";
    const record = join(directory, "record");
    for (const entry of readdirSync(record, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      assert.ok(!bytes.includes(key) && !bytes.includes(token), `${entry.name} has a secret`);
    }
  });
});
