import type { HostProgram } from "../desired/host/program";
import type { DesiredNode } from "../desired/nodes";
import { factsOf } from "./facts";
import type { Host } from "./host";
import { kubectlOf } from "./kubectl";
import { askAll, type Site } from "./site";

/** One machine as it is now. */
export interface HostStatus {
  readonly name: string;
  readonly role: "server" | "agent";
  /** Why it was not reached, or could not say; undefined where all went well. */
  readonly silent: string | undefined;
  /** State of k3s's unit in systemd's words; empty where there is none. */
  readonly k3s: string;
  /** Version of the k3s that is installed; empty where none is. */
  readonly version: string;
  /** `project/stack/node` of its mark; empty where it has none. */
  readonly owner: string;
  /** As the API tells it; `unknown` where no API answers, `not a member` where the node is not there. */
  readonly node: "Ready" | "NotReady" | "cordoned" | "not a member" | "unknown";
}

export interface SiteStatus {
  readonly hosts: readonly HostStatus[];
  /** Why the cluster's API was not asked; undefined where it answered. */
  readonly api: string | undefined;
}

/** Asks every machine and the API how they are. Changes nothing. */
export async function statusOf(site: Site, answered: (host: Host) => void = () => undefined): Promise<SiteStatus> {
  const [replies, members] = await Promise.all([
    askAll(site.hosts, (host) => hostFacts(host).finally(() => answered(host))),
    membersOf(site),
  ]);
  const hosts = replies.map((reply): HostStatus => {
    const { name, role } = reply.host.node;
    const node = members.states === undefined ? "unknown" : (members.states.get(name) ?? "not a member");
    if ("error" in reply) return { name, role, silent: reply.error.message, k3s: "", version: "", owner: "", node };
    const fact = (key: string): string => reply.value.get(key) ?? "";
    return { name, role, silent: undefined, k3s: fact("state"), version: fact("version"), owner: fact("owner"), node };
  });
  return { hosts, api: members.silent };
}

async function hostFacts(host: Host): Promise<ReadonlyMap<string, string>> {
  return factsOf(await host.runProgram(statusProgram(host.node), "status"));
}

function statusProgram({ name, steps }: DesiredNode): HostProgram {
  const { project = "", stack = "", node = "", role = "" } = steps.host.program.facts;
  return {
    title: `look at ${name}`,
    facts: { project, stack, node, role },
    secrets: [],
    files: undefined,
    parts: ["report", "owner", "status"],
    verbs: ["status"],
  };
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly unschedulable?: boolean };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

interface Members {
  readonly states: ReadonlyMap<string, "Ready" | "NotReady" | "cordoned"> | undefined;
  readonly silent: string | undefined;
}

async function membersOf(site: Site): Promise<Members> {
  try {
    const { items } = (await (await kubectlOf(site)).json(["get", "nodes"])) as NodeList;
    const states = items.map(({ metadata, spec, status }): [string, "Ready" | "NotReady" | "cordoned"] => {
      const isReady = status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
      if (!isReady) return [metadata.name, "NotReady"];
      return [metadata.name, spec.unschedulable === true ? "cordoned" : "Ready"];
    });
    return { states: new Map(states), silent: undefined };
  } catch (error) {
    return { states: undefined, silent: error instanceof Error ? error.message : String(error) };
  }
}
