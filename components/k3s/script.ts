import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../config/settings";
import { sumOf } from "../../config/versions";
import type { Architecture } from "../../config/k3sSums";
import type { InventoryNode } from "../../inventory/inventory";
import type { NodePlan } from "./nodePlan";

/**
 * The text that a host's shell reads as standard input. What is wanted stands on top, in plain words and files, so that a preview
 * shows a changed setting as the one line that it is; what to do with it follows and is the same for every node.
 */

/** What all scripts of a node are made from. */
export interface ScriptArgs {
  /** The Pulumi project; with the stack it says whose host this is. */
  readonly project: string;
  readonly settings: Settings;
  readonly plan: NodePlan;
  readonly node: InventoryNode;
}

/** The join tokens that a host is given, in the clear; an agent gets no server's. */
export interface JoinTokens {
  readonly server?: string;
  readonly agent: string;
}

/** For the node itself, with its secrets: verb `token`. The whole text is a secret. */
export function tokenScript(args: ScriptArgs, tokens: JoinTokens): string {
  const isServer = args.plan.role === "server";
  return compose(
    `the join token of ${args.plan.name}`,
    {
      ...ownership(args),
      server_token: tokens.server ?? "",
      agent_token: tokens.agent,
      ...(isServer ? { join: args.plan.join } : {}),
    },
    parts(
      ...["report", "owner", "files", "lock"],
      ...(isServer ? ["api", "restart", "snapshot", "putToken", "rotate"] : []),
      "token",
    ),
    ["token"],
  );
}

/** For the node itself: verbs `converge` and `uninstall`. */
export function convergeScript(args: ScriptArgs): string {
  const { settings, plan, node } = args;
  const { k3s, rollout, network } = settings;
  const sum = (architecture: Architecture): string => sumOf(k3s, plan.version, architecture) ?? "";
  return compose(
    `what ${plan.name} is to be`,
    {
      ...ownership(args),
      k3s_version: plan.version,
      mirror: k3s.mirror,
      sha256_amd64: sum("amd64"),
      sha256_arm64: sum("arm64"),
      sha256_arm: sum("arm"),
      interface: node.interface ?? "",
      interface_wait: node.interface === undefined ? "0" : String(network.interfaceWaitSeconds),
      upstream: (settings.dns.upstream ?? []).join(" "),
      join: plan.join,
      starts_cluster: yesNo(plan.join === ""),
      peers: plan.peers.join(" "),
      packages: plan.packages.join(" "),
      prepare_hosts: yesNo(k3s.prepareHosts),
      swap_off: yesNo(k3s.swapOff),
      start_timeout: String(rollout.readyTimeoutSeconds),
      managed_files: [...plan.files, ...plan.dropped].map((file) => file.path).join(" "),
    },
    [
      putFiles(plan),
      ...parts(
        ...["report", "owner", "files", "restart", "managed", "lock", "preflight", "prepare", "binary", "snapshot"],
        ...["versions", "health", "putToken", "newTokens", "converge", "uninstall"],
      ),
    ],
    ["converge", "uninstall"],
  );
}

/** For the operator: verb `drain`. */
export function drainScript(args: ScriptArgs): string {
  const { rollout } = args.settings;
  return compose(
    `drain ${args.plan.name} if k3s will restart on it`,
    {
      ...subject(args),
      drain_when: rollout.drain,
      max_unavailable: String(rollout.maxUnavailable),
    },
    parts("report", "owner", "files", "lock", "api", "kubectl", "clusterLock", "drain"),
    ["drain"],
  );
}

/** For the operator: verbs `ready` and `leave`. */
export function readyScript(args: ScriptArgs): string {
  const { settings, plan } = args;
  const overlay = settings.network.verifyOverlay && settings.network.flannelBackend === "vxlan";
  return compose(
    `${plan.name} in Kubernetes`,
    {
      ...subject(args),
      ready_timeout: String(settings.rollout.readyTimeoutSeconds),
      verify_overlay: yesNo(overlay),
      labels: plan.labels.join(" "),
      taints: plan.taints.join(" "),
      resolvers: plan.resolvers,
    },
    parts("report", "owner", "files", "lock", "api", "kubectl", "clusterLock", "ready", "leave"),
    ["ready", "leave"],
  );
}

function ownership({ project, settings, plan }: ScriptArgs): Record<string, string> {
  return { project, stack: settings.stack, node: plan.name, role: plan.role };
}

function subject(args: ScriptArgs): Record<string, string> {
  const { settings, plan, node } = args;
  return {
    ...ownership(args),
    operator: node.operator,
    address: node.settings.address,
    k3s_version: plan.version,
    fingerprint: plan.fingerprint,
    drain_timeout: String(settings.rollout.drainTimeoutSeconds),
  };
}

function compose(
  title: string,
  variables: Record<string, string>,
  body: readonly string[],
  verbs: readonly string[],
): string {
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${shellQuote(value)}`);
  const cases = verbs.map((verb) => `    ${verb}) ${verb} ;;`);
  return [
    `# Groundwork: ${title}`,
    "set -eu",
    "umask 022",
    ...assignments,
    "",
    ...body,
    "main() {",
    "  case ${1:-} in",
    ...cases,
    `    *) fail "unknown verb '\${1:-}'" ;;`,
    "  esac",
    "}",
    // All of it is read before any of it runs, and nothing that runs can read on in it.
    'main "$@" </dev/null',
    "",
  ].join("\n");
}

function putFiles(plan: NodePlan): string {
  const writes = plan.files.map((file) => {
    const end = endMark(file.content);
    const call = [shellQuote(file.path), file.mode, file.effect, file.label].join(" ");
    return `put_file ${call} <<'${end}'\n${file.content}${end}`;
  });
  const drops = plan.dropped.map((file) => `drop_file ${[shellQuote(file.path), file.effect, file.label].join(" ")}`);
  return ["put_files() {", ...writes, ...drops, "}", ""].join("\n");
}

/** A line that the content does not have; a here-document ends at the first one that is equal to its mark. */
function endMark(content: string): string {
  if (!content.endsWith("\n")) throw new Error("a host's file must end with a newline");
  const lines = new Set(content.split("\n"));
  let mark = "END_OF_FILE";
  while (lines.has(mark)) mark += "_";
  return mark;
}

/** A word that the shell takes literally. */
export function shellQuote(text: string): string {
  if (text.includes("\0")) throw new Error("a shell word cannot have a NUL byte");
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

const cache = new Map<string, string>();

function parts(...names: readonly string[]): string[] {
  return names.map((name) => {
    const known = cache.get(name);
    if (known !== undefined) return known;
    // The first line tells shellcheck that this is a part; the whole needs no such line.
    const text = readFileSync(join(__dirname, "scripts", `${name}.sh`), "utf8").replace(/^# shellcheck .*\n/, "");
    cache.set(name, text);
    return text;
  });
}
