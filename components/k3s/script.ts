import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../config/settings";
import type { InventoryNode } from "../../inventory/inventory";
import type { NodePlan } from "./nodePlan";

/**
 * The text that a host's shell reads as standard input. What is wanted stands on top, in plain words and files, so that a preview
 * shows a changed setting as the one line that it is; what to do with it follows and is the same for every node.
 */

/** For the node itself: verbs `converge` and `uninstall`. */
export function convergeScript(settings: Settings, plan: NodePlan, node: InventoryNode): string {
  const { k3s, rollout, network } = settings;
  return compose(
    `what ${plan.name} is to be`,
    {
      node: plan.name,
      role: plan.role,
      k3s_version: plan.version,
      mirror: k3s.mirror,
      sha256_amd64: k3s.sha256.amd64 ?? "",
      sha256_arm64: k3s.sha256.arm64 ?? "",
      sha256_arm: k3s.sha256.arm ?? "",
      interface: node.interface ?? "",
      interface_wait: node.interface === undefined ? "0" : String(network.interfaceWaitSeconds),
      upstream: (settings.dns.upstream ?? []).join(" "),
      join: plan.join,
      starts_cluster: yesNo(plan.join === ""),
      peers: plan.peers.join(" "),
      packages: plan.packages.join(" "),
      prepare_hosts: yesNo(k3s.prepareHosts),
      allow_swap: yesNo(toleratesSwap(settings, node)),
      start_timeout: String(rollout.readyTimeoutSeconds),
      managed_files: [...plan.files, ...plan.dropped].map((file) => file.path).join(" "),
    },
    [putFiles(plan), ...parts("report", "files", "preflight", "prepare", "binary", "converge", "uninstall")],
    ["converge", "uninstall"],
  );
}

/** For the operator: verb `drain`. */
export function drainScript(settings: Settings, plan: NodePlan, node: InventoryNode): string {
  const { rollout } = settings;
  return compose(
    `drain ${plan.name} if k3s will restart on it`,
    {
      ...subject(settings, plan, node),
      drain_when: rollout.drain,
      max_unavailable: String(rollout.maxUnavailable),
    },
    parts("report", "kubectl", "drain"),
    ["drain"],
  );
}

/** For the operator: verbs `ready` and `leave`. */
export function readyScript(settings: Settings, plan: NodePlan, node: InventoryNode): string {
  const overlay = settings.network.verifyOverlay && settings.network.flannelBackend === "vxlan";
  return compose(
    `${plan.name} in Kubernetes`,
    {
      ...subject(settings, plan, node),
      ready_timeout: String(settings.rollout.readyTimeoutSeconds),
      verify_overlay: yesNo(overlay),
      labels: plan.labels.join(" "),
      taints: plan.taints.join(" "),
      resolvers: plan.resolvers,
    },
    parts("report", "kubectl", "ready", "leave"),
    ["ready", "leave"],
  );
}

function subject(settings: Settings, plan: NodePlan, node: InventoryNode): Record<string, string> {
  return {
    node: plan.name,
    role: plan.role,
    operator: node.operator,
    k3s_version: plan.version,
    fingerprint: plan.fingerprint,
    drain_timeout: String(settings.rollout.drainTimeoutSeconds),
  };
}

function toleratesSwap(settings: Settings, node: InventoryNode): boolean {
  const role = node.role === "server" ? settings.k3s.server : settings.k3s.agent;
  return [role["kubelet-arg"], node.settings.k3s["kubelet-arg"]].flat().includes("fail-swap-on=false");
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
