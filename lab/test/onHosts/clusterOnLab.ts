import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Document, isMap, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import { applyWithLabEngine, applyWithPulumi, destroyWithLabEngine, destroyWithPulumi } from "../../apply";
import type { EngineName } from "../../apply";
import { ensureHollow } from "../../site/hollow";
import { architecture, assetName, releases } from "../../site/release";
import { CHECKOUT, labPaths, type LabPaths } from "../../paths";
import { stackCipher } from "../../../config/read/stackCipher";
import { ensurePassphrase } from "../../stack/passphrase";
import { type Outcome, run } from "../../../process/run";
import { printedProgress } from "../../progress";
import { type LabState, readState } from "../../state";
import { type LabVerbs, labVerbs } from "../../verbs";
import { noEngine } from "../../../test/automation/engine";
import { whyNoLab } from "./labOnDocker";

/** What is to apply the stacks of these tests; `npm run test:e2e` says pulumi. */
export const engine: EngineName = process.env["GROUNDWORK_LAB_ENGINE"] === "pulumi" ? "pulumi" : "lab";

/** What stands for k3s: hollow k3s compiled from this checkout, or GROUNDWORK_LAB_K3S (a binary's path, or `real`). */
const k3s = process.env["GROUNDWORK_LAB_K3S"] ?? "hollow";

/** Why no cluster can be made here; undefined when one can. */
export async function whyNoCluster(): Promise<string | undefined> {
  return whyNoLab() ?? (engine === "pulumi" ? await noEngine() : undefined);
}

/** What one run said and did. */
export interface Run {
  readonly text: string;
  /** `updated agent-1-ready`, each once, in the order of their ends; components and the stack itself are left out. */
  readonly operations: readonly string[];
}

/** A lab with a cluster on it, in a checkout of its own that is made of links to this one. */
export interface ClusterOnLab {
  readonly name: string;
  readonly paths: LabPaths;
  readonly verbs: LabVerbs;
  readonly state: () => LabState;
  /** Everything that any run has printed. */
  readonly said: () => string;
  /** `lab up`: hosts and the stack's file, nothing applied. */
  readonly up: (hosts: { servers?: number; agents?: number }) => Promise<string>;
  /** `lab run`: what `npm run lab` does. */
  readonly run: (hosts?: { servers?: number; agents?: number }) => Promise<Run>;
  /** The stack alone, as `pulumi up` does it: hosts that stopped stay stopped. */
  readonly apply: () => Promise<Run>;
  readonly destroy: () => Promise<Run>;
  /** Changes a setting of the stack's file; undefined takes it out. */
  readonly set: (path: readonly string[], value: unknown) => void;
  readonly setNode: (node: string, key: string, value: unknown) => void;
  /** Takes a node out of the stack's file, whatever the lab has; gives its entry back. */
  readonly removeNode: (node: string) => unknown;
  readonly addNodeOnTop: (entry: unknown) => void;
  readonly setSecret: (path: readonly string[], value: string) => void;
  /** Output of a shell script that root runs on a host. @throws Error when it fails. */
  readonly on: (host: string, script: string) => Promise<string>;
  /** Output of kubectl on this machine, with the exported kubeconfig. @throws Error when it fails. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
  readonly get: <T = KubernetesObject>(...args: string[]) => Promise<T[]>;
  readonly remove: () => Promise<void>;
}

/** The fields of Kubernetes objects that these tests look at. */
export interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
}

export interface KubernetesNode extends KubernetesObject {
  readonly spec: { readonly unschedulable?: boolean; readonly podCIDR: string; readonly taints?: { key: string }[] };
  readonly status: {
    readonly conditions: { type: string; status: string }[];
    readonly nodeInfo: { readonly kubeletVersion: string };
  };
}

/** @param title Part of the lab's name; each engine has a lab of its own. */
export async function clusterOnLab(title: string): Promise<ClusterOnLab> {
  const name = engine === "lab" ? title : `${title}-${engine}`;
  const root = checkoutOfLinks(name);
  const paths = labPaths(name, root);
  let printed = "";
  const out = (text: string): void => {
    printed += text;
    if (process.env["GROUNDWORK_LAB_VERBOSE"] !== undefined) process.stdout.write(text);
  };
  const verbs = labVerbs({ out, err: out }, root);
  // What an interrupted test left is taken away first.
  await verbs.down({ name });
  if (k3s === "hollow") await ensureHollow(paths, printedProgress({ print: console.log }));

  const recorded = async (work: () => Promise<unknown>): Promise<Run> => {
    const from = printed.length;
    try {
      await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new RunFailed(message, printed.slice(from));
    }
    return { text: printed.slice(from), operations: operationsIn(printed.slice(from)) };
  };
  const print = (line: string): void => out(`${line}\n`);
  const edit = (change: (file: Document) => void): void => {
    const file = parseDocument(readFileSync(paths.stackFile, "utf8"));
    change(file);
    // In quotes, or Pulumi takes what looks like a time for one.
    writeFileSync(
      paths.stackFile,
      file.toString({ lineWidth: 120, defaultKeyType: "PLAIN", defaultStringType: "QUOTE_DOUBLE" }),
    );
  };
  const set = (path: readonly string[], value: unknown): void =>
    edit((file) => {
      const full = ["config", `groundwork:${path[0] ?? ""}`, ...path.slice(1)];
      if (value === undefined) file.deleteIn(full);
      else file.setIn(full, file.createNode(value));
    });
  const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
    const binary = join(paths.mirror, releases(paths).at(-1) ?? "", assetName(architecture()));
    const all = ["kubectl", "--kubeconfig", paths.kubeconfig, "--request-timeout=20s", ...args];
    return answer(`kubectl ${args.join(" ")}`, await run(binary, all, { input, timeoutMs: 60_000 }));
  };
  return {
    name,
    paths,
    verbs,
    said: () => printed,
    state: () => {
      const state = readState(paths, name);
      if (state === undefined) throw new Error(`there is no lab ${name}`);
      return state;
    },
    up: async (hosts) => (await recorded(() => verbs.up({ name, k3s, ...hosts }))).text,
    run: (hosts) => recorded(() => verbs.run({ name, k3s, engine, ...hosts })),
    apply: () => recorded(() => (engine === "lab" ? applyWithLabEngine : applyWithPulumi)(paths, name, print)),
    destroy: () => recorded(() => (engine === "lab" ? destroyWithLabEngine : destroyWithPulumi)(paths, name, print)),
    set,
    setNode: (node, key, value) =>
      edit((file) => {
        const found = nodesIn(file).items.find((item) => isMap(item) && item.get("name") === node) as YAMLMap;
        if (value === undefined) found.delete(key);
        else found.set(key, file.createNode(value));
      }),
    removeNode: (node) => {
      let entry: unknown;
      edit((file) => {
        const nodes = nodesIn(file);
        const at = nodes.items.findIndex((item) => isMap(item) && item.get("name") === node);
        entry = (nodes.items[at] as YAMLMap).toJSON();
        nodes.delete(at);
      });
      return entry;
    },
    addNodeOnTop: (entry) => edit((file) => void nodesIn(file).items.unshift(file.createNode(entry))),
    setSecret: (path, value) => {
      const salt = /^encryptionsalt: *(\S+)$/m.exec(readFileSync(paths.stackFile, "utf8"))?.[1];
      set(path, { secure: stackCipher(ensurePassphrase(paths), salt).encrypt(value) });
    },
    on: async (host, script) => {
      const args = ["-F", paths.sshConfig, "-o", "BatchMode=yes", host, "sudo -n sh -s"];
      return answer(`on ${host}: ${script}`, await run("ssh", args, { input: script, timeoutMs: 60_000 }));
    },
    kubectl,
    get: async <T>(...args: string[]) => {
      const list = JSON.parse(await kubectl(["get", ...args, "-o", "json"])) as { items: T[] };
      return list.items;
    },
    remove: async () => {
      await verbs.down({ name });
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A run that failed: its one error, and what was printed before it. */
export class RunFailed extends Error {
  readonly text: string;
  /** What a person sees of the failure: by the lab engine as its message, by Pulumi under its last heading. */
  readonly reported: string;

  constructor(message: string, text: string) {
    super(message);
    this.text = text;
    const diagnostics = text.slice(text.lastIndexOf("Diagnostics:")).split("\n");
    this.reported = engine === "lab" ? message : diagnostics.filter((line) => !line.includes("warning:")).join("\n");
  }
}

/** Waits until a check gives something true, and throws with what it last said when it does not in time. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | false | undefined>,
  seconds = 180,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last = "";
  do {
    try {
      const result = await check();
      if (result !== false && result !== undefined) return result;
      last = "not yet";
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(500);
  } while (Date.now() < deadline);
  throw new Error(`${what}: not within ${String(seconds)} s (${last})`);
}

/** Both engines end an operation with a line such as ` ~  command:remote:Command agent-1 updated (0.5s)`. */
function operationsIn(text: string): string[] {
  const ends = [...text.matchAll(/^\s*[-+~]{1,2}\s+(\S+)\s+(\S+)\s+(created|updated|replaced|deleted)\b/gm)];
  const own = ends.filter(
    ([, type = ""]) => !/^(groundwork|pulumi):/.test(type) || type.startsWith("pulumi:providers:"),
  );
  return [...new Set(own.map(([, , name = "", verb = ""]) => `${verb} ${name}`))];
}

function nodesIn(file: Document): YAMLSeq {
  return file.getIn(["config", "groundwork:nodes"]) as YAMLSeq;
}

/** The end of what was printed, for a test that failed. */
export function lastLines(text: string): string {
  const lines = text.trimEnd().split("\n").slice(-60);
  return lines.map((line) => `      | ${line}`).join("\n");
}

function answer(what: string, { code, stdout, stderr }: Outcome): string {
  if (code === 0) return stdout.trim();
  throw new Error(`${what}: exit code ${String(code)}: ${stderr.trim()}`);
}

/** Labs write beside the checkout's files; the links keep them apart from the labs and stacks of a person. */
function checkoutOfLinks(name: string): string {
  const root = join(CHECKOUT, ".cache", "lab-test", name);
  mkdirSync(root, { recursive: true });
  const skipped = (file: string): boolean => file === ".git" || file === ".cache" || /^Pulumi\..+\.yaml$/.test(file);
  for (const file of readdirSync(CHECKOUT).filter((one) => !skipped(one))) {
    const link = join(root, basename(file));
    if (!existsSync(link)) {
      symlinkSync(join(CHECKOUT, file), link, statSync(join(CHECKOUT, file)).isDirectory() ? "dir" : "file");
    }
  }
  return root;
}
