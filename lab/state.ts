import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { LabError, messageOf } from "./error";
import type { LabPaths } from "./paths";

/** Raised whenever a lab made by an older version cannot be gone on with. */
export const STATE_SCHEMA = 2;

const hostSchema = z.strictObject({
  name: z.string(),
  role: z.enum(["server", "agent"]),
  octet: z.number().int(),
  /** Port of SSH on the lab's loopback address. */
  sshPort: z.number().int(),
  /** Public host key, `ssh-ed25519 AAAA…`. */
  hostKey: z.string(),
});

const stateSchema = z.strictObject({
  schema: z.literal(STATE_SCHEMA),
  name: z.string(),
  /** Loopback address on which SSH and the API are published. */
  loopback: z.string(),
  /** First three numbers of the lab's /24. */
  prefix: z.string(),
  /** What stands for k3s: `hollow`, `real`, or the path of a binary. */
  k3s: z.string(),
  /** The hosts that are wanted. */
  servers: z.number().int(),
  agents: z.number().int(),
  /** Hosts that have been seen to work; one that is not listed here was left unfinished. */
  hosts: z.array(hostSchema),
});

/** What is remembered of a host that works. */
export type HostState = z.output<typeof hostSchema>;
/** What is remembered of a lab. Everything else is asked from the container engine. */
export type LabState = z.output<typeof stateSchema>;

/**
 * Reads a lab's state from its file's text.
 *
 * @throws LabError when an older version wrote it, or when it is damaged; `lab down` works all the same.
 */
export function parseState(text: string, lab: string): LabState {
  const remedy = `remove it with 'npx groundwork lab down${lab === "default" ? "" : ` --name ${lab}`}', then make it anew`;
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new LabError(`the state of lab ${lab} is damaged (not JSON)`, remedy);
  }
  const schema = typeof raw === "object" && raw !== null && "schema" in raw ? raw.schema : undefined;
  if (schema !== STATE_SCHEMA) {
    const age = typeof schema === "number" && schema > STATE_SCHEMA ? "a newer" : "an older";
    throw new LabError(
      `lab ${lab} was made by ${age} version of Groundwork (state schema ${String(schema)}, this version's is ${String(STATE_SCHEMA)})`,
      remedy,
    );
  }
  const parsed = stateSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new LabError(`the state of lab ${lab} is damaged (${where})`, remedy);
}

/** The lab's state, or undefined when there is no such lab. */
export function readState(paths: LabPaths, lab: string): LabState | undefined {
  let text: string;
  try {
    text = readFileSync(paths.state, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new LabError(`${paths.state} cannot be read: ${messageOf(error)}`);
  }
  return parseState(text, lab);
}

export function writeState(paths: LabPaths, state: LabState): void {
  writeFileAtomically(paths.state, `${JSON.stringify(state, undefined, 2)}\n`);
}

/** Writes a file as a whole or not at all: an interrupted run leaves the old one. */
export function writeFileAtomically(path: string, content: string | Buffer, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${String(process.pid)}.new`;
  const file = openSync(temporary, "w", mode);
  try {
    writeSync(file, typeof content === "string" ? Buffer.from(content) : content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** Whether a file system error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
