import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { LabEngineError } from "./labEngineError";
import { isObject, mapSecrets, secret, type Value, type Values } from "./propertyValues";
import { newSalt, sealOf, type Seal } from "./sealing";

/** What is known of one resource that the engine has made. */
export interface ResourceState {
  urn: string;
  type: string;
  name: string;
  custom: boolean;
  id?: string;
  parent?: string;
  /** `<urn>::<id>` of the provider it was made by; absent for default providers. */
  provider?: string;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  deletedWith?: string;
  protect: boolean;
  retainOnDelete: boolean;
  replaceOnChanges?: string[];
  deleteTimeoutSeconds?: number;
  inputs: Values;
  outputs: Values;
  /** It was replaced; this older one still has to be deleted. */
  replaced: boolean;
  /** It was deleted before its replacement, which was not made yet. */
  awaitsReplacement: boolean;
  /** Its last update was cut off, by the end of the process. */
  interrupted: boolean;
}

/** An operation that had begun and had not ended when the state was written. */
export interface PendingOperation {
  urn: string;
  operation: string;
}

interface StateDocument {
  version: 1;
  engine: "groundwork lab engine";
  stack: string;
  salt: string;
  /** A known text, sealed: tells a wrong passphrase from a broken file. */
  check: string;
  pending: PendingOperation[];
  outputs: Values;
  resources: ResourceState[];
}

const CHECK = "groundwork lab engine";
const SEALED = "$sealed";

/** URN of the provider that a resource was made by. */
export function providerUrn(resource: Pick<ResourceState, "provider">): string | undefined {
  return resource.provider?.slice(0, resource.provider.lastIndexOf("::"));
}

/** The state file of a stack: secrets encrypted, written as a whole and atomically each time something ended. */
export class StateFile {
  readonly resources: ResourceState[];
  outputs: Values;
  pending: PendingOperation[];
  /** What the last run was creating when it was cut off. */
  readonly cutOffCreations = new Set<string>();
  readonly #path: string;
  readonly #seal: Seal;
  readonly #head: Pick<StateDocument, "version" | "engine" | "stack" | "salt" | "check">;

  /** @throws LabEngineError when the file is another stack's, or the passphrase does not open it */
  constructor(path: string, stack: string, passphrase: string) {
    this.#path = path;
    const found = existsSync(path) ? parse(path) : undefined;
    const salt = found?.salt ?? newSalt();
    this.#seal = sealOf(passphrase, salt);
    if (found && found.stack !== stack) {
      throw new LabEngineError(`${path} is the state of stack ${found.stack}, not of ${stack}`);
    }
    if (found && !opens(this.#seal, found.check)) {
      throw new LabEngineError(`the passphrase does not open ${path}: give the one it was made with`);
    }
    const check = found?.check ?? this.#seal.close(CHECK);
    this.#head = { version: 1, engine: "groundwork lab engine", stack, salt, check };
    this.pending = found?.pending ?? [];
    this.outputs = this.#unsealed(found?.outputs ?? {}) as Values;
    this.resources = this.#unsealed(found?.resources ?? []) as ResourceState[];
  }

  /** The resource that lives under this URN, not one that waits to be deleted. */
  find(urn: string): ResourceState | undefined {
    return this.resources.find((resource) => resource.urn === urn && !resource.replaced);
  }

  /** Gives a resource that was recorded under another URN its new one, wherever it is named. */
  rename(from: string, to: string): void {
    const renamed = (urn: string) => (urn === from ? to : urn);
    for (const resource of this.resources) {
      resource.urn = renamed(resource.urn);
      if (resource.parent !== undefined) resource.parent = renamed(resource.parent);
      if (resource.deletedWith !== undefined) resource.deletedWith = renamed(resource.deletedWith);
      if (resource.provider?.startsWith(`${from}::`) === true) {
        resource.provider = to + resource.provider.slice(from.length);
      }
      resource.dependencies = resource.dependencies.map(renamed);
      for (const [name, urns] of Object.entries(resource.propertyDependencies)) {
        resource.propertyDependencies[name] = urns.map(renamed);
      }
    }
  }

  /** Puts `next` in place of `previous`, or at the end. */
  put(next: ResourceState, previous?: ResourceState): void {
    const at = previous ? this.resources.indexOf(previous) : -1;
    if (at < 0) this.resources.push(next);
    else this.resources[at] = next;
  }

  remove(resource: ResourceState): void {
    const at = this.resources.indexOf(resource);
    if (at >= 0) this.resources.splice(at, 1);
  }

  /** Operations a former run had begun and not ended; from here on they are marked on their resources. */
  takeOverPending(): PendingOperation[] {
    const pending = this.pending;
    for (const { urn, operation } of pending) {
      const resource = this.find(urn);
      if (resource && operation === "updating") resource.interrupted = true;
      if (operation === "creating") this.cutOffCreations.add(urn);
    }
    this.pending = [];
    return pending;
  }

  /** Notes an operation before it begins, so that a crash leaves a trace; the returned function ends it. */
  begin(urn: string, operation: string): () => void {
    const entry = { urn, operation };
    this.pending.push(entry);
    this.save();
    return () => {
      this.pending = this.pending.filter((other) => other !== entry);
    };
  }

  save(): void {
    const document = {
      ...this.#head,
      pending: this.pending,
      outputs: this.#sealed(this.outputs),
      resources: this.#sealed(this.resources),
    };
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const temporary = `${this.#path}.new`;
    const file = openSync(temporary, "w", 0o600);
    try {
      writeSync(file, `${JSON.stringify(document, undefined, 1)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, this.#path);
  }

  #sealed(value: Value): Value {
    return mapSecrets(value, (inside) => ({ [SEALED]: this.#seal.close(JSON.stringify(inside)) }));
  }

  #unsealed(value: Value): Value {
    if (Array.isArray(value)) return value.map((item) => this.#unsealed(item));
    if (!isObject(value)) return value;
    if (typeof value[SEALED] === "string") return secret(JSON.parse(this.#seal.open(value[SEALED])));
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.#unsealed(item)]));
  }
}

/**
 * Holds a state file for this process alone; a lock left by a process that is gone is taken over.
 * @returns what gives it free
 * @throws LabEngineError when another process holds it
 */
export function lockState(path: string): () => void {
  const lock = `${path}.lock`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx", mode: 0o600 });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = Number(readFileSync(lock, "utf8"));
    if (holder > 0 && isRunning(holder)) {
      throw new LabEngineError(`process ${holder} is working on ${path}: wait for it, or end it, and run this again`);
    }
    rmSync(lock, { force: true });
  }
}

function parse(path: string): StateDocument {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as StateDocument;
  } catch (error) {
    throw new LabEngineError(`${path} cannot be read as a state file: ${(error as Error).message}`);
  }
}

function opens(seal: Seal, check: string): boolean {
  try {
    return seal.open(check) === CHECK;
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
