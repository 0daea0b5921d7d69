import { parse } from "yaml";
import type { PlanNode, PlanStep } from "../model";
import { NODE_TYPE } from "../run/nodes";
import { COMMAND_TYPE, type Registration } from "../run/registration";
import type { PlanValue } from "../values";
import { bodyDigest, readScript, type ScriptText } from "./scriptText";

const K3S_CONFIG = "/etc/rancher/k3s/config.yaml";

/** Inputs of a remote command that are shown elsewhere, or are the same in every stack. */
const ELSEWHERE = new Set(["stdin", "create", "delete", "addPreviousOutputInEnv", "logging"]);

/** A machine's commands on one side of a preview, with what their scripts are given. */
interface ReadNode {
  readonly name: string;
  readonly commands: readonly { readonly command: Registration; readonly script: ScriptText | undefined }[];
}

export interface LiveNodes {
  readonly nodes: readonly PlanNode[];
  /** Commands whose script is not as this release writes it: what becomes of their machines' k3s is not known. */
  readonly unread: readonly string[];
}

/**
 * The machines on one side of a preview, in no order of their own.
 *
 * @param changed Inputs that change, by URN: where they are secrets, that is all that can be shown.
 */
export function liveNodes(
  registrations: readonly Registration[],
  changed: ReadonlyMap<string, readonly string[]>,
): LiveNodes {
  const commands = new Map<string, Registration[]>();
  for (const each of registrations) {
    if (each.type === COMMAND_TYPE) commands.set(each.parent, [...(commands.get(each.parent) ?? []), each]);
  }
  const read = registrations
    .filter(({ type }) => type === NODE_TYPE)
    .map((component): ReadNode => {
      const own = (commands.get(component.urn) ?? []).sort((a, b) => rankOf(component, a) - rankOf(component, b));
      return {
        name: component.name,
        commands: own.map((command) => ({ command, script: scriptIn(command, component) })),
      };
    })
    .filter((node) => node.commands.length > 0);
  return {
    nodes: read.map((node) => nodeOf(node, changed)),
    unread: read.flatMap(({ commands: own }) =>
      own
        .filter(
          ({ command, script }) => script === undefined && !isHidden(command) && command.inputs["stdin"] !== undefined,
        )
        .map(({ command }) => command.name),
    ),
  };
}

/** The order in which they run. */
function rankOf({ name }: Registration, command: Registration): number {
  const verb = command.name === name ? "converge" : command.name.slice(name.length + 1);
  return ["mesh-key", "mesh", "token", "drain", "converge", "ready"].indexOf(verb);
}

/** From the script, or where that is a secret from what the component shows of it. */
function scriptIn(command: Registration, component: Registration): ScriptText | undefined {
  const { stdin } = command.inputs;
  const shown = isHidden(command) ? component.inputs[verbOf(command)] : stdin;
  return typeof shown === "string" ? readScript(shown) : undefined;
}

function isHidden({ inputs: { stdin } }: Registration): boolean {
  return typeof stdin === "string" && stdin.startsWith("[");
}

function verbOf({ inputs: { create } }: Registration): string {
  return typeof create === "string" ? (create.split(" ").at(-1) ?? "") : "";
}

function nodeOf({ name, commands }: ReadNode, changed: ReadonlyMap<string, readonly string[]>): PlanNode {
  const facts = new Map(commands.flatMap(({ script }) => Object.entries(script?.facts ?? {})));
  const host = commands.find(({ command }) => command.name === name);
  const files = host?.script?.files ?? [];
  const config = configOf(files.find(({ path }) => path === K3S_CONFIG)?.content ?? "");
  const lost = commands.some(({ command }) => verbOf(command) === "forget");
  const words = (fact: string): string[] => (facts.get(fact) ?? "").split(" ").filter((word) => word !== "");
  return {
    name,
    role: facts.get("role") === "server" ? "server" : "agent",
    address: facts.get("address") ?? "",
    internalIp: textOr(words("internal_ip").join(",")),
    externalIp: listOf(config["node-external-ip"]),
    // The connection is a secret as a whole; what tells machines apart in it are facts of the scripts.
    ssh: `${facts.get("address") ?? ""} (host key ${facts.get("host_key") ?? "not known"})`,
    version: facts.get("k3s_version") ?? "",
    interface: textOr(facts.get("interface") ?? ""),
    labels: Object.fromEntries(words("labels").map((label) => pairOf(label))),
    ...annotationsOf(facts.get("annotations")),
    taints: words("taints"),
    packages: words("packages"),
    protect: host?.command.protect ?? false,
    adopt: facts.get("adopt") === "yes",
    ...(lost ? { lost: true } : {}),
    files,
    steps: commands.map(({ command, script }) => stepOf(name, command, script, changed.get(command.urn) ?? [])),
  };
}

function annotationsOf(lines: string | undefined): Pick<PlanNode, "annotations"> {
  return lines === undefined ? {} : { annotations: Object.fromEntries(lines.split("\n").map((line) => pairOf(line))) };
}

function textOr(text: string): string | undefined {
  return text === "" ? undefined : text;
}

function stepOf(
  node: string,
  command: Registration,
  script: ScriptText | undefined,
  changed: readonly string[],
): PlanStep {
  const runsOn = script?.facts["operator"] ?? node;
  const { create, stdin } = command.inputs;
  // What cannot be read may have in it what is a secret now.
  const unread = script === undefined && typeof stdin === "string" && !isHidden(command) ? bodyDigest(stdin) : "";
  return {
    name: command.name,
    runsOn,
    command: typeof create === "string" ? create : "",
    facts: { ...script?.facts, ...hiddenFacts(command, changed, runsOn === node ? "" : ` to ${runsOn}`) },
    body: script?.body ?? unread,
  };
}

/** Secrets among a command's other inputs, of which only can be said that they change. */
function hiddenFacts(
  { name, inputs }: Registration,
  changed: readonly string[],
  where: string,
): Readonly<Record<string, string>> {
  const keys = changed.filter((key) => inputs[key] !== undefined && (!ELSEWHERE.has(key) || isToken(name, key)));
  return Object.fromEntries(keys.map((key) => [`${WORDS.get(key) ?? key}${where}`, shownAs(inputs[key])]));
}

/** The token's script is a secret always, and nothing shows it. */
function isToken(name: string, key: string): boolean {
  return key === "stdin" && name.endsWith("-token");
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["connection", "ssh connection"],
  ["stdin", "tokens and secret files"],
  ["update", "mark of the tokens"],
]);

function shownAs(value: PlanValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function configOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = parse(text);
    return typeof read === "object" && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function listOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "string" ? value : undefined;
}

function pairOf(label: string): [string, string] {
  const [key = "", ...value] = label.split("=");
  return [key, value.join("=")];
}
