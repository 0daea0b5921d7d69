import { parse } from "yaml";
import { DEFAULT_API_PORT } from "../../config/addresses";
import type { RiskyChange } from "./difference";
import type { Plan, PlanNode } from "../model";
import { riskyCharts } from "./riskyCharts";
import { living, riskyNodes } from "./riskyNodes";
import { riskyOrigin } from "./riskyOrigin";
import { riskyPolicy } from "./riskyPolicy";

const K3S_CONFIG = "/etc/rancher/k3s/config.yaml";

/** k3s reads these once, when the cluster starts; later values are refused or break it (https://docs.k3s.io/cli/server). */
const FIXED_KEYS = ["cluster-cidr", "service-cidr", "cluster-domain"];

/** The generated tokens' resources, by the setting that replaces them (components/k3s/cluster.ts). */
const GENERATED_TOKENS = { "join-token": "k3s.token", "agent-token": "k3s.agentToken" } as const;

/** What another token does to a living cluster (components/k3s/scripts/rotate.sh). */
const TOKEN_CHANGES = {
  "k3s.token":
    "the first server saves a snapshot of etcd and rotates it, and the servers restart one after another; older snapshots open with the token before only, which stays in /var/lib/groundwork/snapshots",
  "k3s.agentToken": "the servers restart one after another; agents go on, and read it when they start the next time",
};

/**
 * Changes that a careful person would ask about before they go out, with what happens and what to do.
 *
 * @param before The plan of the older revision, or undefined when the stack is new.
 */
export function riskyChanges(before: Plan | undefined, after: Plan): RiskyChange[] {
  return [
    ...riskyNodes(before, after),
    ...riskyPolicy(before, after),
    ...(before === undefined
      ? []
      : [
          ...riskyOrigin(before, after),
          ...servers(living(before), living(after), lostNow(after)),
          ...tokens(before, after),
          ...apiPort(before, after),
          ...fixedKeys(before, after),
          ...riskyCharts(before, after),
        ]),
  ];
}

/** Names of the machines that are lost: what becomes of their roles is said with them. */
function lostNow({ nodes }: Plan): ReadonlySet<string> {
  return new Set(nodes.filter((node) => node.lost === true).map(({ name }) => name));
}

function servers(before: Plan, after: Plan, lost: ReadonlySet<string>): RiskyChange[] {
  const [old, now] = [serversOf(before), serversOf(after)];
  const gone = old.filter((name) => !now.includes(name));
  if (old.length === 0) return [];
  if (gone.length === old.length) {
    return [
      {
        what: "no server stays",
        happens: "this is another cluster, and the data of the old one is lost",
        remedy: "keep at least one server in each 'up', or make a stack of its own for the new cluster",
      },
    ];
  }
  const found: RiskyChange[] = [];
  if (now.length % 2 === 0 && now.length !== old.length) {
    found.push({
      what: `${now.length} servers`,
      happens: `they bear no more failures than ${now.length - 1}`,
      remedy: "etcd wants an odd number; add or remove one more",
    });
  }
  if (gone.length * 2 >= old.length && gone.some((name) => !lost.has(name))) {
    found.push({
      what: `${gone.join(", ")}: ${gone.length} of ${old.length} servers go`,
      happens: "etcd loses its quorum if one of the others fails meanwhile",
      remedy: "remove one at a time",
    });
  }
  if (old[0] !== now[0] && !lost.has(old[0] ?? "")) {
    found.push({
      what: `the first server changes from ${old[0] ?? ""} to ${now[0] ?? ""}`,
      happens: `nodes that join go to ${now[0] ?? ""}, and fail where it is no member yet`,
      remedy: "put a server first that is a member already",
    });
  }
  return found;
}

/** Servers of one cluster that listen on different ports cannot all be told of by the Service `kubernetes`. */
function apiPort(before: Plan, after: Plan): RiskyChange[] {
  const [was, is] = [before, after].map((plan) => Number(firstConfig(plan)?.["https-listen-port"] ?? DEFAULT_API_PORT));
  if (was === is) return [];
  return [
    {
      what: `the API moves from port ${was} to ${is}`,
      happens:
        "the servers restart one after another and the agents after them, each drained as the settings say; until its turn an agent may be not Ready, and pods that ask the API may fail",
      remedy:
        "open the new port first, change nothing else in this 'up', and give the kubeconfig to people again afterwards",
    },
  ];
}

/** Only whether a token is set can be known: what is encrypted anew looks different each time. */
function tokens(before: Plan, after: Plan): RiskyChange[] {
  if (serversOf(before).length === 0 || serversOf(after).length === 0) return [];
  return Object.entries(GENERATED_TOKENS).flatMap(([resource, setting]) => {
    const [was, is] = [before, after].map((plan) =>
      plan.resources.some(({ name, type }) => name === resource && type.startsWith("random:")),
    );
    if (was === is) return [];
    return [
      {
        what: is === true ? `${setting} is not set any more, and a new token is generated` : `${setting} is set`,
        happens: `unless it is the token that the cluster has: ${TOKEN_CHANGES[setting]}`,
        remedy:
          "run it while all servers are Ready, and look after it: an 'up' that was cut off is finished by the next; or give the token that the cluster has (root reads it in /etc/rancher/k3s)",
      },
    ];
  });
}

function fixedKeys(before: Plan, after: Plan): RiskyChange[] {
  const [old, now] = [firstConfig(before), firstConfig(after)];
  if (old === undefined || now === undefined) return [];
  return FIXED_KEYS.filter((key) => old[key] !== now[key]).map((key) => ({
    what: `${key} changes from ${String(old[key])} to ${String(now[key])}`,
    happens: "a living cluster keeps the one that it started with, and k3s may not start with another",
    remedy: "take the change back, or make a new cluster",
  }));
}

function serversOf({ nodes }: Plan): string[] {
  return nodes.filter((node) => node.role === "server").map((node) => node.name);
}

function firstConfig(plan: Plan): Record<string, unknown> | undefined {
  const config = (node: PlanNode | undefined): string | undefined =>
    node?.files.find((file) => file.path === K3S_CONFIG)?.content;
  const text = config(living(plan).nodes.find((node) => node.role === "server"));
  return text === undefined ? undefined : (parse(text) as Record<string, unknown>);
}
