import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type Document, isMap, isSeq, parse, parseDocument, type YAMLMap } from "yaml";
import { GroundworkError } from "../config/groundworkError";
import type { Environment } from "../process/run";

const LISTS = ["clusters", "users", "contexts"] as const;
type List = (typeof LISTS)[number];
type Entry = { readonly name: string } & Readonly<Record<string, unknown>>;

/** What is merged: one entry of each list, under one name. */
export interface Merge {
  /** Text of a kubeconfig with one cluster, one user and one context. */
  readonly kubeconfig: string;
  /** Name of all three in the user's own file. */
  readonly name: string;
  /** Whether it becomes the current context. */
  readonly use: boolean;
  /** Whether it may take the place of entries of this name that are another cluster's. */
  readonly replace: boolean;
}

export interface Merged {
  /** Files that were written. */
  readonly files: readonly string[];
  /** What is the current context now; undefined for none. */
  readonly current: string | undefined;
}

/**
 * The files that kubectl reads, first one first: those of KUBECONFIG, otherwise `~/.kube/config`
 * (client-go: tools/clientcmd/config.go).
 */
export function kubeconfigFiles(env: Environment): string[] {
  const named = (env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  return named.length > 0 ? [...new Set(named)] : [join(env["HOME"] ?? homedir(), ".kube", "config")];
}

/**
 * Merges a kubeconfig into the user's own, as kubectl does: an entry is changed in the file where it is found first, and a new one
 * goes into the first file that exists. Comments and all other entries stay; each file is replaced whole, with its mode.
 *
 * @throws GroundworkError when a file is broken, or when the name is another cluster's; nothing is written then.
 */
export function mergeKubeconfig(merge: Merge, files: readonly string[]): Merged {
  const entries = entriesOf(merge);
  const opened = files.map((path) => ({ path, document: readFile(path) }));
  const target = opened.find(({ path }) => existsSync(path)) ?? opened.at(-1);
  if (target === undefined) throw new Error("there is no kubeconfig to merge into");
  const holderOf = (list: List) => opened.find(({ document }) => indexIn(document, list, merge.name) >= 0);
  if (!merge.replace) refuseAnother(merge.name, entries.clusters, holderOf("clusters"));

  const changed = new Set<typeof target>();
  const before = new Map(opened.map((file) => [file, file.document.toString(KEEP)]));
  for (const list of LISTS) {
    const holder = holderOf(list) ?? target;
    put(holder.document, list, entries[list]);
    changed.add(holder);
  }
  const current = currentOf(opened);
  if (merge.use && current?.name !== merge.name) {
    const holder = current?.file ?? target;
    holder.document.set("current-context", merge.name);
    changed.add(holder);
  }
  const written = [...changed].filter(
    (file) => file.document.toString(KEEP) !== before.get(file) || !existsSync(file.path),
  );
  withLocks(
    written.map(({ path }) => path),
    () => {
      for (const { path, document } of written) replaceFile(path, document.toString(KEEP));
    },
  );
  return { files: written.map(({ path }) => path), current: merge.use ? merge.name : current?.name };
}

/** Certificates are one long line each. */
const KEEP = { lineWidth: 0 };

function entriesOf({ kubeconfig, name }: Merge): Record<List, Entry> {
  const config = parse(kubeconfig) as Record<List, Entry[]>;
  const only = (list: List): Entry => {
    const [entry] = config[list];
    if (entry === undefined) throw new Error(`the cluster's kubeconfig has no ${list}`);
    return { ...entry, name };
  };
  return {
    clusters: only("clusters"),
    users: only("users"),
    contexts: { name, context: { ...(only("contexts")["context"] as object), cluster: name, user: name } },
  };
}

function readFile(path: string): Document {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const broken = (what: string): GroundworkError =>
    new GroundworkError("failed", `${path} is not a kubeconfig: ${what}`, { remedy: "mend it first; it is untouched" });
  const document = parseDocument(text.trim() === "" ? "apiVersion: v1\nkind: Config\npreferences: {}\n" : text);
  const [error] = document.errors;
  if (error !== undefined) throw broken(error.message.split("\n")[0] ?? "not YAML");
  if (!isMap(document.contents)) throw broken("it is no group of keys");
  for (const list of LISTS) {
    const found: unknown = document.get(list);
    if (found === undefined || found === null) continue;
    if (!isSeq(found) || !found.items.every((item) => isMap(item) && typeof item.get("name") === "string")) {
      throw broken(`'${list}' is no list of entries with a name`);
    }
  }
  return document;
}

function indexIn(document: Document, list: List, name: string): number {
  const found: unknown = document.get(list);
  return isSeq(found) ? found.items.findIndex((item) => (item as YAMLMap).get("name") === name) : -1;
}

function put(document: Document, list: List, entry: Entry): void {
  const at = indexIn(document, list, entry.name);
  if (at >= 0) {
    for (const [key, value] of Object.entries(entry)) document.setIn([list, at, key], document.createNode(value));
    return;
  }
  const found: unknown = document.get(list);
  if (isSeq(found) && !(found.flow === true && found.items.length === 0)) found.add(document.createNode(entry));
  else document.set(list, document.createNode([entry]));
}

type Opened = { readonly path: string; readonly document: Document };

function currentOf(opened: readonly Opened[]): { name: string; file: Opened } | undefined {
  for (const file of opened) {
    const name: unknown = file.document.get("current-context");
    if (typeof name === "string" && name !== "") return { name, file };
  }
  return undefined;
}

/** A name that is another cluster's already is not taken over silently: its certificate authority tells. */
function refuseAnother(name: string, ours: Entry, holder: Opened | undefined): void {
  if (holder === undefined) return;
  const there = holder.document.getIn(["clusters", indexIn(holder.document, "clusters", name), "cluster"]);
  const authority = isMap(there) ? there.get("certificate-authority-data") : undefined;
  const own = (ours["cluster"] as Record<string, unknown>)["certificate-authority-data"];
  if (authority === own) return;
  throw new GroundworkError("failed", `${holder.path} has a cluster '${name}' with another certificate authority`, {
    remedy: "merge under another name with --context NAME, or take its place with --replace",
  });
}

/** kubectl's own lock: a file beside it that is there while it is written (client-go: tools/clientcmd/loader.go). */
function withLocks(paths: readonly string[], write: () => void): void {
  const locks: string[] = [];
  try {
    for (const path of paths) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const lock = `${path}.lock`;
      try {
        closeSync(openSync(lock, "wx", 0o600));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const remedy = `try again; if no kubectl is running, remove ${lock}`;
        throw new GroundworkError("failed", `${path} is being written by another program`, { remedy });
      }
      locks.push(lock);
    }
    write();
  } finally {
    for (const lock of locks) rmSync(lock, { force: true });
  }
}

/**
 * Writes a kubeconfig into a file of its own, for its owner alone; one of the same context is replaced.
 *
 * @throws GroundworkError where something else is there.
 */
export function writeKubeconfig(path: string, kubeconfig: string): void {
  const contextsOf = (text: string): unknown[] => {
    const config = parse(text) as { contexts?: { name?: unknown }[] } | null;
    return Array.isArray(config?.contexts) ? config.contexts.map(({ name }) => name) : [];
  };
  if (existsSync(path)) {
    let there: unknown[] = [];
    try {
      there = contextsOf(readFileSync(path, "utf8"));
    } catch {
      // Not YAML, or a directory: something else.
    }
    if (there.length !== 1 || there[0] !== contextsOf(kubeconfig)[0]) {
      throw new GroundworkError("usage", `${path} is there already, and is something else`, {
        remedy: "name another file, or put it into a kubeconfig that has others with --merge",
      });
    }
  }
  replaceFile(path, kubeconfig, 0o600);
}

/** The whole file or none of it: in place of the file that a link leads to, with its mode where none is given. */
function replaceFile(path: string, text: string, given?: number): void {
  const real = existsSync(path) ? realpathSync(path) : path;
  const mode = given ?? (existsSync(real) ? statSync(real).mode & 0o777 : 0o600);
  const unfinished = `${real}.groundwork-${String(process.pid)}`;
  try {
    const file = openSync(unfinished, "wx", mode);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, real);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}
