import type { NodePlan } from "../components/k3s/nodePlan";
import type { Settings } from "../config/settings";
import type { Inventory, InventoryNode, SshTarget } from "../inventory/inventory";
import { COMMAND_TYPE, type Registration } from "./registration";
import type { PlanNode, PlanStep } from "./model";
import { byText } from "./order";

/** Type of the component that is one machine. */
export const NODE_TYPE = "groundwork:k3s:Node";

/** The machines, with the steps that are really registered for each. */
export function nodesOf(
  settings: Settings,
  inventory: Inventory,
  hosts: readonly NodePlan[],
  registrations: readonly Registration[],
): PlanNode[] {
  const hostOf = new Map(hosts.map((host) => [host.name, host]));
  const steps = stepsByNode(registrations);
  return inventory.nodes.map((node) => {
    const host = hostOf.get(node.name);
    const commands = steps.get(node.name) ?? [];
    return {
      name: node.name,
      role: node.role,
      address: node.settings.address,
      internalIp: node.settings.internalIp,
      externalIp: node.settings.externalIp,
      ssh: sshText(settings, node),
      version: host?.version ?? "",
      interface: node.interface,
      labels: sorted(node.settings.labels),
      taints: node.settings.taints,
      packages: host?.packages ?? [],
      protect: commands.some((command) => command.protect),
      adopt: node.settings.adopt,
      files: (host?.files ?? []).map(({ path, mode, content }) => ({ path, mode, content })),
      steps: commands.map((command) => step(command, node)),
    };
  });
}

function stepsByNode(registrations: readonly Registration[]): Map<string, Registration[]> {
  const nodes = new Map(registrations.filter(({ type }) => type === NODE_TYPE).map(({ urn, name }) => [urn, name]));
  const steps = new Map<string, Registration[]>();
  for (const each of registrations) {
    const node = nodes.get(each.parent);
    if (node === undefined || each.type !== COMMAND_TYPE) continue;
    steps.set(node, [...(steps.get(node) ?? []), each]);
  }
  for (const [name, commands] of steps) steps.set(name, inOrder(commands));
  return steps;
}

/** By their dependencies on each other; steps that may run side by side go by name. */
function inOrder(commands: readonly Registration[]): Registration[] {
  const rest = [...commands].sort((a, b) => byText(a.name, b.name));
  const done: Registration[] = [];
  while (rest.length > 0) {
    const waiting = new Set(rest.map((each) => each.urn));
    const next = rest.findIndex((each) => !each.dependsOn.some((urn) => waiting.has(urn)));
    done.push(...rest.splice(Math.max(next, 0), 1));
  }
  return done;
}

// The connection is secret as a whole, so where a step runs is known by its name: see the design's resource names.
function step(command: Registration, node: InventoryNode): PlanStep {
  const onOperator = command.name === `${node.name}-drain` || command.name === `${node.name}-ready`;
  const { create, stdin } = command.inputs;
  return {
    name: command.name,
    runsOn: onOperator ? node.operator : node.name,
    command: typeof create === "string" ? create : "",
    script: typeof stdin === "string" ? stdin : "",
  };
}

function sshText(settings: Settings, { ssh, settings: node }: InventoryNode): string {
  const through = ssh.bastion === undefined ? "" : ` through ${node.ssh.bastion ?? settings.ssh.bastion ?? ""}`;
  return `${endpoint(ssh)}${through}`;
}

function endpoint({ user, host, port }: Pick<SshTarget, "user" | "host" | "port">): string {
  const shown = host.includes(":") ? `[${host}]` : host;
  return `${user}@${shown}${port === 22 ? "" : `:${port}`}`;
}

function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => byText(a, b)));
}
