import type { RiskyChange } from "./difference";
import { isOlder, minorSteps } from "../../config/versions/version";
import type { Plan, PlanNode } from "../model";
import { factsOf } from "./documents";
import { lostMachines } from "./lostNodes";

/** Risky changes of single machines: names, addresses, roles, versions. */
export function riskyNodes(earlier: Plan | undefined, now: Plan): RiskyChange[] {
  if (earlier === undefined) return adoptions(undefined, now);
  const [before, after] = [living(earlier), living(now)];
  return [
    ...lostMachines(earlier, now),
    ...adoptions(before, after),
    ...renames(before, after),
    ...moves(before, after),
    ...memberAddresses(before, after),
    ...roles(before, after),
    ...versionChanges(before, after),
  ];
}

/** A plan without its machines that are lost. */
export function living<T extends Pick<Plan, "nodes">>(plan: T): T {
  return { ...plan, nodes: plan.nodes.filter((node) => node.lost !== true) };
}

// What happens on the host: scripts/takeOver.sh. Once it has happened, the setting may stay, and nothing is said of it.
function adoptions(before: Plan | undefined, after: Plan): RiskyChange[] {
  const said = new Set(before?.nodes.filter((node) => node.adopt).map((node) => node.name));
  return after.nodes
    .filter((node) => node.adopt && !said.has(node.name))
    .map(({ name, role }) => ({
      what: `${name}: a k3s that somebody else installed is taken over`,
      happens:
        role === "server"
          ? "its unit, program and settings are replaced and k3s restarts; data in SQLite become etcd, one way: state.db is saved before, in /var/lib/groundwork/adopted-<time> with everything else that is replaced; k3s removes the packaged components that the stack leaves out"
          : "its unit, program and settings are replaced and k3s restarts; they are kept in /var/lib/groundwork/adopted-<time>",
      remedy:
        "read 'Take over a k3s that is there' in the README first; a host whose k3s differs in what cannot change is refused before anything is touched",
    }));
}

function renames(before: Plan, after: Plan): RiskyChange[] {
  return after.nodes.flatMap((node) => {
    const was = before.nodes.find((each) => each.name !== node.name && endpoint(each) === endpoint(node));
    const isThere = before.nodes.some((each) => each.name === node.name && endpoint(each) === endpoint(node));
    if (was === undefined || isThere) return [];
    return [
      {
        what: `${was.name} is called ${node.name} at the same address ${node.address}`,
        happens: "a node cannot be renamed: the host knows its name, and refuses before anything is touched",
        refused: true,
        remedy: `take ${was.name} out, 'pulumi up', then add ${node.name} and 'pulumi up' again`,
      },
    ];
  });
}

function moves(before: Plan, after: Plan): RiskyChange[] {
  const taken = new Map(before.nodes.map((node) => [endpoint(node), node.name]));
  return after.nodes.flatMap((node) => {
    const was = before.nodes.find((each) => each.name === node.name);
    const isRenamed = (taken.get(endpoint(node)) ?? node.name) !== node.name;
    if (was === undefined || was.address === node.address || isRenamed) return [];
    const what = `${node.name} moves from ${was.address} to ${node.address}`;
    return [{ what, ...(isOther(was, node) ? anotherMachine(node) : perhapsAnother(node, was)) }];
  });
}

type Answer = Omit<RiskyChange, "what">;

/** A host key tells one machine from another, where both are known. */
function isOther(was: PlanNode, node: PlanNode): boolean {
  const [before, now] = [was, node].map((each) => factsOf(each).get("host_key") ?? "");
  return before !== "" && now !== "" && before !== now;
}

/** scripts/moved.sh and scripts/name.sh. */
function anotherMachine({ name, role }: PlanNode): Answer {
  const lives = `if the old one lives, take ${name} out, 'pulumi up', then add it with the new address`;
  return {
    happens:
      role === "server"
        ? "it is another machine, for its host key differs: the host refuses while the cluster has a server of that name, and nothing is undone on the old one"
        : "it is another machine, for its host key differs: refused while the old one lives; once Kubernetes misses it, the new one takes its name",
    remedy: `if the old machine is gone for good, set lost: true on ${name}, 'pulumi up', then take lost out again and 'pulumi up'; ${lives}`,
  };
}

function perhapsAnother({ name }: PlanNode, was: PlanNode): Answer {
  return {
    happens: `the same machine at a new address goes on as before; another machine is refused while the Node ${name} is Ready elsewhere, and nothing is undone on ${was.address}`,
    remedy: `for another machine, take ${name} out, 'pulumi up', then add it with the new address`,
  };
}

/** etcd knows its members by their addresses (scripts/moved.sh). */
function memberAddresses(before: Plan, after: Plan): RiskyChange[] {
  const old = new Map(before.nodes.map((node) => [node.name, node]));
  const servers = after.nodes.filter(({ role }) => role === "server");
  return servers.flatMap((node) => {
    const was = old.get(node.name);
    // Of two addresses etcd knows the first.
    const [from, to] = [was?.internalIp, node.internalIp].map((addresses) => addresses?.split(",")[0]);
    if (was?.role !== "server" || from === undefined || to === undefined || from === to) return [];
    return [
      {
        what: `${node.name}, a server, gets the address ${to} inside of the cluster, instead of ${from}`,
        happens:
          "etcd knows its members by their addresses, and k3s does not change one: refused before anything is touched",
        refused: true,
        remedy:
          servers.length > 1
            ? `take ${node.name} out (cluster.allowEvenServers: true meanwhile), 'pulumi up', then add it with the new address`
            : `with the machine at its new address, on it: 'systemctl stop k3s && k3s server --cluster-reset --node-ip ${to}', then 'pulumi up'`,
      },
    ];
  });
}

// scripts/preflight.sh refuses a host that runs k3s as the other role.
function roles(before: Plan, after: Plan): RiskyChange[] {
  const old = new Map(before.nodes.map((node) => [node.name, node.role]));
  return after.nodes
    .filter(({ name, role }) => old.has(name) && old.get(name) !== role)
    .map(({ name, role }) => ({
      what: `${name} becomes ${role === "server" ? "a server" : "an agent"}`,
      happens: "a role cannot change in place: the host refuses",
      refused: true,
      remedy: `take the node out, 'pulumi up', then add it with role: ${role}`,
    }));
}

function versionChanges(before: Plan, after: Plan): RiskyChange[] {
  const old = new Map(before.nodes.map((node) => [node.name, node]));
  const changes = new Map<string, string[]>();
  for (const { name, role, version } of after.nodes) {
    const was = old.get(name)?.version;
    if (role !== "server" || was === undefined || was === version) continue;
    changes.set(`${was} ${version}`, [...(changes.get(`${was} ${version}`) ?? []), name]);
  }
  return [...changes].flatMap(([change, names]) => {
    const [from = "", to = ""] = change.split(" ");
    return versionChange(`${names.join(", ")}: k3s ${from} to ${to}`, from, to);
  });
}

function versionChange(which: string, from: string, to: string): RiskyChange[] {
  const steps = minorSteps(from, to);
  if (steps > 1) {
    return [
      {
        what: `${which} skips a minor version`,
        happens: "Kubernetes goes up one minor version at a time: the servers' hosts refuse",
        refused: true,
        remedy: `go to the newest v1.${minorOf(to) - steps + 1} first, then on`,
      },
    ];
  }
  if (steps < 0) {
    return [
      {
        what: `${which} goes back a minor version`,
        happens: "etcd's data cannot go back: the servers' hosts refuse",
        refused: true,
        remedy:
          "restore a snapshot of the older version instead; /var/lib/groundwork/snapshots has those taken before upgrades",
      },
    ];
  }
  if (!isOlder(to, from)) return [];
  return [
    {
      what: `${which} is a downgrade`,
      happens: "a snapshot is taken, then the older patch release runs with the newer one's data",
      remedy: "read both releases' notes first",
    },
  ];
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

/** How a host is reached, whoever logs in. */
function endpoint({ ssh }: PlanNode): string {
  return ssh.replace(/^[^@]*@/, "");
}
