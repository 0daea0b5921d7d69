import { each, type OneOrTwo } from "../../config/addresses";
import { urlHost } from "../../config/addresses";
import { bodyOf } from "../../components/k3s/script";
import { SECRET_MARK } from "../../config/secret";
import type { HostStep } from "../../desired/host/steps";
import type { LostNode } from "../../desired/lost";
import { allNodes, type DesiredNode, type DesiredNodes } from "../../desired/nodes";
import type { SshTarget } from "../../desired/ssh";
import type { PlanNode, PlanStep } from "../model";
import { byText } from "../order";

/** Type of the component that is one machine. */
export { NODE_TYPE } from "../../components/k3s/node";

/** The machines as they are to be; at the end those that are lost. */
export function nodesOf(nodes: DesiredNodes): PlanNode[] {
  return [...allNodes(nodes).map(nodeOf), ...nodes.lost.map(lostNodeOf)];
}

function nodeOf(node: DesiredNode): PlanNode {
  const { settings, steps } = node;
  return {
    name: node.name,
    role: node.role,
    address: settings.address,
    internalIp: joined(settings.internalIp),
    externalIp: joined(settings.externalIp),
    ssh: sshText(node.ssh),
    version: node.version,
    interface: node.interface,
    labels: Object.fromEntries(Object.entries(node.marks.labels).sort(([a], [b]) => byText(a, b))),
    ...(Object.keys(node.marks.annotations).length === 0 ? {} : { annotations: node.marks.annotations }),
    taints: settings.taints,
    packages: node.packages,
    protect: node.protect,
    adopt: settings.adopt,
    files: [
      ...node.files.put.map(({ path, mode, content }) => ({ path, mode, content })),
      ...node.files.secret.map(({ path, mode, shown }) => ({ path, mode, content: shown })),
    ],
    steps: [
      ...(node.mesh === undefined ? [] : [node.mesh.key, node.mesh.mesh]),
      steps.token,
      steps.drain,
      steps.host,
      steps.ready,
    ].map(stepOf),
  };
}

function lostNodeOf({ name, role, settings, ssh, version, forget, idle }: LostNode): PlanNode {
  return {
    name,
    role,
    address: settings.address,
    internalIp: joined(settings.internalIp),
    externalIp: joined(settings.externalIp),
    ssh: sshText(ssh),
    version,
    interface: undefined,
    labels: {},
    taints: [],
    packages: [],
    protect: false,
    adopt: false,
    lost: true,
    files: [],
    steps: [
      stepOf(forget),
      ...[...idle.mesh, idle.token, idle.drain, idle.host, idle.ready].map(({ name: step, on, create }) => ({
        name: step,
        runsOn: on.name,
        command: create,
        facts: {},
        body: "",
      })),
    ],
  };
}

function stepOf({ name, on, create, program }: HostStep): PlanStep {
  const secrets = program.secrets.map((secret) => [secret, SECRET_MARK] as const);
  const awaited = (program.awaited ?? []).map((name) => [name, "(told by the hosts)"] as const);
  return {
    name,
    runsOn: on.name,
    command: create,
    facts: { ...program.facts, ...Object.fromEntries([...secrets, ...awaited]) },
    body: bodyOf(program),
  };
}

function sshText(target: SshTarget): string {
  const through = target.bastion === undefined ? "" : ` through ${target.bastion.name}`;
  return `${endpoint(target)}${through}`;
}

function endpoint({ user, host, port }: SshTarget): string {
  return `${user}@${urlHost(host)}${port === 22 ? "" : `:${port}`}`;
}

function joined(given: OneOrTwo | undefined): string | undefined {
  return given === undefined ? undefined : each(given).join(",");
}
