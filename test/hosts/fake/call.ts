import type { Answer } from "../sandbox/gateway";
import { key, type Cluster, type KubeObject, type NodeObject } from "./cluster";
import { valuesAt } from "./jsonpath";
import { matchesLabels } from "./selector";

/** What one call of kubectl was given. */
export interface Call {
  readonly verb: string;
  /** Arguments that are no flags, the verb left out. */
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
  readonly input: string;
}

/** What a call needs beyond the cluster. */
export interface CallContext {
  /** Waits on the sandbox's clock. */
  readonly wait: (seconds: number) => Promise<void>;
  readonly readFile: (path: string) => string | undefined;
  /** After etcd was asked to let a node go. */
  readonly removalAsked: (node: NodeObject) => void;
  /** `PUT /v1-k3s/token` to this host's k3s, with the token that whoever asks has. */
  readonly putToken: (current: string, next: string) => Answer;
  /** Pods that no budget lets go. */
  readonly drainBlocked: boolean;
  /** The last word of a drain: older kubectls say of the node what they say of pods. */
  readonly drainedWord: "drained" | "evicted";
  /** After a Job was made: its controller sees to it. */
  readonly jobMade: (job: KubeObject) => void;
}

export class Unknown extends Error {}

/** Answers of kubectl: a line, a text as it is, an error. */
export const ok = (out = ""): Answer => ({
  code: 0,
  out: out === "" || out.endsWith("\n") ? out : `${out}\n`,
  err: "",
});
export const bare = (out: string): Answer => ({ code: 0, out, err: "" });
export const bad = (err: string): Answer => ({ code: 1, out: "", err: `${err}\n` });

export const unauthorized = bad("error: You must be logged in to the server (Unauthorized)");

export function notFound(kind: string, name: string): Answer {
  return bad(`Error from server (NotFound): ${kind}s "${name}" not found`);
}
const WITH_VALUE = new Set([
  "-n",
  "--namespace",
  "-l",
  "--selector",
  "-o",
  "--output",
  "-f",
  "--filename",
  "--raw",
  "--field-selector",
  "--kubeconfig",
  "--server",
  "-s",
  "--request-timeout",
  "--timeout",
  "-p",
  "--patch",
  "--type",
  "--grace-period",
]);
const LONG: Record<string, string> = {
  "-n": "--namespace",
  "-l": "--selector",
  "-o": "--output",
  "-f": "--filename",
  "-s": "--server",
  "-A": "--all-namespaces",
  "-p": "--patch",
};

export function readCall(args: readonly string[], input: string): Call {
  const words: string[] = [];
  const flags = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    // A word such as `label-` has its dash behind; `-` alone is standard input.
    if (!arg.startsWith("-") || arg === "-") words.push(arg);
    else {
      const [name, value] = arg.startsWith("--") && arg.includes("=") ? split(arg, "=") : [arg, undefined];
      const long = LONG[name] ?? name;
      flags.set(long, value ?? (WITH_VALUE.has(name) ? args[(at += 1)]! : "true"));
    }
  }
  return { verb: words[0] ?? "", words: words.slice(1), flags, input };
}

export function select(cluster: Cluster, kind: string, flags: ReadonlyMap<string, string>): (KubeObject | undefined)[] {
  const namespace = flags.get("--namespace");
  const fields = (flags.get("--field-selector") ?? "").split(",").filter((field) => field !== "");
  return [...cluster.objects.values()].filter(
    (object) =>
      object.kind === kind &&
      (namespace === undefined || object.metadata.namespace === namespace) &&
      matchesLabels(flags.get("--selector") ?? "", object.metadata.labels) &&
      fields.every((field) => {
        const [path, value] = split(field, "=");
        return valuesAt(`.${path}`, object).map(String).join() === value;
      }),
  );
}

const CLUSTER_WIDE = new Set(["node", "namespace", "customresourcedefinition"]);

export function find(
  cluster: Cluster,
  kind: string,
  namespace: string | undefined,
  name: string,
): KubeObject | undefined {
  return cluster.objects.get(key(kind, CLUSTER_WIDE.has(kind) ? undefined : (namespace ?? "default"), name));
}

/** Kind and names from `nodes`, `node NAME…` or `node/NAME`. */
export function kindOf(words: readonly string[]): [string, ...string[]] {
  const [first = "", ...rest] = words;
  const [kind, name] = split(first, "/");
  const plain = kind.toLowerCase().replace(/\..*$/, "");
  const single = plain.endsWith("ss") ? plain : plain.replace(/s$/, "");
  return [
    { no: "node", po: "pod", pdb: "poddisruptionbudget" }[single] ?? single,
    ...(name === undefined ? [] : [name]),
    ...rest,
  ];
}

export function split(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** What becomes of one call of the API; undefined: it is answered. */
export type ApiFault = (call: Call, number: number) => "refused" | "timeout" | undefined;
