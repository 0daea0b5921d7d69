import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { messagesOf } from "../../service/eventStream";
import { parseGrant } from "../../service/access/grants";
import { Tokens } from "../../service/access/tokens";
import { leaseText, machineSeconds } from "../../service/runs/lease";
import { startRun } from "../../service/runs/startProcess";
import { WorkDirectory } from "../../service/runs/workDirectory";
import { startService, type Service } from "../../service/service";
import { readServiceFile } from "../../service/settings/serviceFile";
import { openStore } from "../../service/store/openStore";
import type { Script } from "./fakeEngine";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a client without types sees
  readonly body: any;
}

interface CallOptions {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Message {
  readonly id: string;
  readonly event: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a client without types sees
  readonly data: any;
}

interface ServedOptions {
  /** The module that opens stacks for services in this process. Default: the fake engine. */
  readonly engine?: string;
  /** Another one, whose stacks this one has as well. */
  readonly beside?: Served;
}

/** A service's directory with stacks of the fake engine, and services on it: in this process, or one that can be killed. */
export class Served {
  readonly directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  readonly file = join(this.directory, "service.yaml");
  /** What was logged, a line each. */
  log = "";
  address = "";
  #token: Promise<string> | undefined;
  /** File of the module that opens stacks for services in this process. */
  readonly #engine: string;
  readonly #projects: string;
  #service: Service | undefined;
  #process: ChildProcess | undefined;

  constructor(
    stacks: Readonly<Record<string, Script>> = { dev: {} },
    settings: Readonly<Record<string, unknown>> = {},
    { engine = "fakeEngine", beside }: ServedOptions = {},
  ) {
    this.#engine = join(__dirname, engine);
    this.#projects = beside?.directory ?? this.directory;
    for (const [name, script] of beside === undefined ? Object.entries(stacks) : []) {
      mkdirSync(this.project(name));
      writeFileSync(join(this.project(name), "Pulumi.yaml"), "name: groundwork\nruntime: nodejs\n");
      writeFileSync(join(this.project(name), `Pulumi.${name}.yaml`), "config: {}\n");
      this.script(name, script);
    }
    const served = Object.keys(stacks).map((name) => [
      name,
      { project: this.project(name), backendUrl: "file:///nowhere" },
    ]);
    const all = { directory: "state", listen: { port: 0 }, stacks: Object.fromEntries(served) as unknown, ...settings };
    writeFileSync(this.file, stringify(all));
  }

  /** Writes a file beside the service's own, for nobody else to read. */
  write(name: string, content: string): void {
    writeFileSync(join(this.directory, name), content, { mode: 0o600 });
  }

  /** May do everything. */
  get #everything(): Promise<string> {
    this.#token ??= this.token("*:read,preview,up,refresh,destroy,approve,cancel,outputs,secrets");
    return this.#token;
  }

  project(name: string): string {
    return join(this.#projects, name);
  }

  script(name: string, script: Script): void {
    writeFileSync(join(this.project(name), "script.json"), JSON.stringify(script));
  }

  /** Lets a stack that holds go on. */
  release(name: string): void {
    writeFileSync(join(this.project(name), "go"), "");
  }

  /** What the engine has begun and ended. */
  done(name: string): string[] {
    return readFileSync(join(this.project(name), "done"), "utf8")
      .trim()
      .split("\n");
  }

  /** Waits until the engine has noted something. */
  async ended(name: string, note: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.done(name).includes(note)) return;
        watcher.close();
        resolve();
      };
      const watcher = watch(this.project(name), look);
      look();
    });
  }

  /** Process id of a run. */
  processOf(id: string): number {
    return this.#workOf(id).process?.pid ?? Number.NaN;
  }

  #workOf(id: string): WorkDirectory {
    return new WorkDirectory(join(this.directory, "state", "runs"), id);
  }

  /** Starts the process of a run that has ended once more, as one that was long on its way; gives what it says. */
  async runAgain(id: string): Promise<string | undefined> {
    const { path, printedFile } = this.#workOf(id);
    for (const file of ["process.json", "outcome.json"]) rmSync(join(path, file));
    writeFileSync(join(path, "lease"), leaseText(machineSeconds() - 1));
    await new Promise((resolve) => {
      startRun({ directory: path, cwd: path, printed: printedFile }).once("exit", resolve);
    });
    return this.#workOf(id).outcome?.state;
  }

  /** Whether a run is, or was, this service's. */
  has(id: string): boolean {
    return existsSync(this.#workOf(id).path);
  }

  /** Takes away all stacks but some. */
  only(...names: readonly string[]): void {
    const settings = parse(readFileSync(this.file, "utf8")) as { stacks: Record<string, unknown> };
    const stacks = Object.fromEntries(names.map((name) => [name, settings.stacks[name]]));
    writeFileSync(this.file, stringify({ ...settings, stacks }));
  }

  async token(...grants: readonly string[]): Promise<string> {
    const store = await openStore(readServiceFile(this.file));
    const expiresAt = new Date(Date.now() + 3_600_000);
    const { text } = await new Tokens(store).create({ name: "tester", grants: grants.map(parseGrant), expiresAt });
    await store.close();
    return text;
  }

  async start(): Promise<void> {
    const log = { write: (line: string): void => void (this.log += line) };
    const settings = readServiceFile(this.file);
    this.#service = await startService({
      ...{ settings, version: "1.2.3", engine: this.#engine, log },
      // A test's process compiles, and shares the machine with others.
      longestDelayMs: 30_000,
    });
    this.address = this.#service.address;
  }

  /** Starts a process of it, and does not wait until it listens. */
  launch(): ChildProcess {
    const loader = join(__dirname, "..", "..", "bin", "typescript.js");
    const program = ["--require", loader, join(__dirname, "serviceProcess.ts"), this.file];
    const child = spawn(process.execPath, program, { stdio: ["ignore", "pipe", "inherit"] });
    this.#process = child;
    return child;
  }

  /** Starts it in a process of its own. */
  async spawn(): Promise<ChildProcess> {
    const child = this.launch();
    this.address = await new Promise<string>((resolve, reject) => {
      child.stdout?.once("data", (line: Buffer) => resolve(line.toString().trim()));
      child.once("exit", (code) => reject(new Error(`the service ended with ${code ?? "a signal"}`)));
    });
    return child;
  }

  async stop(): Promise<void> {
    await this.#service?.stop();
    this.#service = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    if (this.#process !== undefined) await killed(this.#process, "SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }

  async call(method: string, url: string, { body, token: given, headers }: CallOptions = {}): Promise<Answered> {
    const token = given ?? (await this.#everything);
    const response = await fetch(`${this.address}${url}`, {
      method,
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
      headers: {
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  }

  /** Asks for a run or a preview, and gives its id. */
  async begin(stack: string, kind: string): Promise<string> {
    const asked =
      kind === "preview"
        ? await this.call("POST", `/stacks/${stack}/previews`, { body: {} })
        : await this.call("POST", `/stacks/${stack}/runs`, { body: { kind } });
    if (asked.status !== 202) throw new Error(JSON.stringify(asked.body));
    return (asked.body as { id: string }).id;
  }

  /** An operation's messages as they come. */
  async *messages(id: string, lastEventId?: string): AsyncGenerator<Message> {
    const response = await fetch(`${this.address}/operations/${id}/events`, {
      headers: {
        authorization: `Bearer ${await this.#everything}`,
        accept: "text/event-stream",
        ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
      },
    });
    yield* messagesOf(response) as AsyncGenerator<Message>;
  }

  /** Waits for its end, and gives all messages. */
  async all(id: string, lastEventId?: string): Promise<Message[]> {
    const all: Message[] = [];
    for await (const message of this.messages(id, lastEventId)) all.push(message);
    return all;
  }

  /** Waits until it has said something. */
  async said(id: string, text: string): Promise<void> {
    for await (const { data } of this.messages(id)) if ((data as { text?: string }).text === text) return;
    throw new Error(`it ended and never said: ${text}`);
  }
}

/** Ends a process and waits for its end. */
export async function killed(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const end = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill(signal);
  return end;
}
