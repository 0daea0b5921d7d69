import type { RiskyChange } from "./difference";
import type { Plan, PlanNode } from "../model";
import type { Subject } from "./subjects";

/** Whether a machine is given up, was given up, or comes back under its name: its files and scripts then say nothing. */
export function concernsLost(before: Subject | undefined, after: Subject | undefined): boolean {
  return before?.node?.lost === true || after?.node?.lost === true;
}

/** What happens with a machine that is, or was, lost; nothing where it stays lost. */
export function lostNotes(before: PlanNode | undefined, after: PlanNode | undefined): string[] {
  if (after === undefined) return ["has been forgotten: its entry goes, and nothing is asked of the machine"];
  if (after.lost !== true) {
    return [
      `is not lost any more: joins again as ${after.role === "server" ? "a server" : "an agent"}, at ${after.address}`,
    ];
  }
  if (before?.lost === true) return [];
  const by = after.steps[0]?.runsOn ?? "a server";
  const what = after.role === "server" ? "Node, member of etcd and password" : "Node and password";
  return [`is given up as lost: ${by} deletes its ${what}; nothing is asked of the machine`];
}

/** Machines that are given up, and what cannot be done in the same `up`. */
export function lostMachines(before: Plan, after: Plan): RiskyChange[] {
  const wasLost = new Set(namesOf(before.nodes.filter((node) => node.lost === true)));
  const given = after.nodes.filter((node) => node.lost === true && !wasLost.has(node.name));
  return [...given.map((node) => givenUp(before, node)), ...given.flatMap((node) => operatedBy(before, after, node))];
}

function givenUp(before: Plan, { name, role, steps }: PlanNode): RiskyChange {
  const by = steps[0]?.runsOn ?? "";
  const isFirst = firstServer(before) === name;
  const roles = isFirst
    ? `; ${by} becomes the first server: nodes join it, agents are worked on from it, and the API is reached there where cluster.apiAddress is not set`
    : "";
  return {
    what: `${name} is given up as lost`,
    happens: `${by} deletes its Node, ${role === "server" ? "its member of etcd, " : ""}its password and its pods, which start elsewhere; data that were only on its disks are gone. Refused while the machine lives${role === "server" ? ", or when etcd would have no quorum" : ""}${roles}`,
    remedy: `make sure that the machine is off and stays off; after this 'pulumi up', take ${name} out of 'nodes' and run it again`,
  };
}

/** What is recorded of an agent is run on its operator when the agent goes. */
function operatedBy(before: Plan, after: Plan, lost: PlanNode): RiskyChange[] {
  const now = new Set(namesOf(after.nodes));
  const gone = before.nodes.filter(
    ({ name, role, steps }) => role === "agent" && !now.has(name) && steps.some(({ runsOn }) => runsOn === lost.name),
  );
  if (gone.length === 0) return [];
  const names = namesOf(gone).join(", ");
  return [
    {
      what: `${names} ${gone.length === 1 ? "goes" : "go"} in the same 'up' as ${lost.name}`,
      happens: `what removes an agent is recorded to run on ${lost.name}, which does not answer: 'pulumi up' fails there`,
      remedy: `leave ${names} in 'nodes' for this 'pulumi up', and take ${gone.length === 1 ? "it" : "them"} out with the next`,
    },
  ];
}

function namesOf(nodes: readonly PlanNode[]): string[] {
  return nodes.map(({ name }) => name);
}

function firstServer({ nodes }: Plan): string | undefined {
  return nodes.find((node) => node.role === "server" && node.lost !== true)?.name;
}
