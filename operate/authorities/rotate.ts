import { GroundworkError } from "../../config/groundworkError";
import type { HostProgram } from "../../desired/host/program";
import { factsOf } from "../facts";
import type { Host } from "../host";
import { operatorOf } from "../node/maintain";
import { everyAnswer, runTask } from "../serverTurns";
import type { Site } from "../site";
import { serversOf } from "../snapshots/list";
import { serverNamed } from "../snapshots/save";
import { agentBackProgram, authoritiesProgram, type NewAuthorities } from "./programs";
import { decideAuthorities, type AuthorityRotation, type AuthorityState, type NodeState } from "./rotation";

/** A rotation that is about to be: what a person is asked about. */
export interface PlannedAuthorities extends AuthorityRotation {
  /** Nodes in the order in which k3s restarts on them. */
  readonly restarts: readonly string[];
}

export interface RotateAuthoritiesOptions {
  /** Whether to go on. */
  readonly agreed: (planned: PlannedAuthorities) => Promise<boolean>;
  readonly say: (line: string) => void;
}

/** Longer than every wait of a verb: locks, API, snapshot, start, Ready. */
const VERB_MS = 3_600_000;

/**
 * Rotates the cluster's certificate authorities, and the key that signs the tokens of service accounts, on all machines of a stack. Cut
 * off anywhere, it goes on when it is run again.
 *
 * @returns whether it was done; false where somebody said no.
 * @throws GroundworkError where a host is not reached or a node not well, or k3s refuses.
 */
export async function rotateAuthorities(site: Site, { agreed, say }: RotateAuthoritiesOptions): Promise<boolean> {
  const { hosts, settings } = site;
  const rotation = decideAuthorities(await statesOf(site));
  const rotating = serverNamed(site, rotation.server, "rotating");
  const servers = [rotating, ...serversOf(site).filter((host) => host !== rotating)];
  const agents = hosts.filter(({ node }) => node.role === "agent");
  const inOrder = [...servers, ...agents];
  if (!(await agreed({ ...rotation, restarts: inOrder.map(({ name }) => name) }))) return false;
  const run = (host: Host, program: HostProgram, verb: string): Promise<string> =>
    runTask(host, { program, verb, timeoutMs: VERB_MS, say });
  const made = madeIn(await run(rotating, authoritiesProgram(settings, rotating.node), "make_ca"));
  const programOf = ({ node }: Host): HostProgram => authoritiesProgram(settings, node, made);
  // Before k3s has them: a host whose mark does not know them would be taken for another cluster's.
  for (const host of inOrder) await run(host, programOf(host), "expect_ca");
  await run(rotating, programOf(rotating), "store_ca");
  for (const host of servers) await run(host, programOf(host), "take_up_ca");
  for (const host of agents) {
    await run(host, programOf(host), "take_up_ca");
    const operator = await operatorOf(site, host.node);
    await run(operator, agentBackProgram(settings, host.node, operator.name), "await_agent");
  }
  checkAll(await statesOf(site));
  await run(rotating, programOf(rotating), "finish_ca");
  return true;
}

function madeIn(stdout: string): NewAuthorities {
  const facts = factsOf({ code: 0, stdout, stderr: "" });
  const [next = "", pin = ""] = [facts.get("next"), facts.get("pin")];
  if (![next, pin].every((hash) => /^[0-9a-f]{64}$/.test(hash))) {
    throw new GroundworkError("failed", "the new authorities were made, and are not told", {
      remedy: "run this again",
    });
  }
  return { next, pin };
}

/** @throws GroundworkError with every host that does not say. */
async function statesOf(site: Site): Promise<AuthorityState[]> {
  return await everyAnswer(site.hosts, (host) => stateOf(site, host), {
    message: "these hosts do not say what certificate authority they have:",
    remedy:
      "every node has to take up new ones, or would not find back: bring them back first, or take them out of 'nodes'",
  });
}

async function stateOf({ settings }: Site, host: Host): Promise<AuthorityState> {
  const program = authoritiesProgram(settings, host.node);
  const facts = factsOf(await host.runProgram(program, "look_at_ca", { timeoutMs: 180_000 }));
  const fact = (name: string): string => facts.get(name) ?? "";
  const words = (name: string): string[] =>
    fact(name)
      .split(" ")
      .filter((word) => word !== "");
  return {
    node: host.name,
    role: host.node.role,
    authority: fact("authority"),
    version: fact("version"),
    isActive: fact("active") === "yes",
    server:
      host.node.role === "agent"
        ? undefined
        : {
            hasOpenssl: fact("openssl") === "yes",
            isBegun: fact("begun") === "yes",
            strangers: words("strangers"),
            nodes: facts.has("nodes") ? words("nodes").map(nodeIn) : undefined,
          },
  };
}

/** `name|Ready|voter`, the last two as Kubernetes writes conditions. */
function nodeIn(text: string): NodeState {
  const [name = "", ready, voter] = text.split("|");
  return { name, isReady: ready === "True", isVoter: voter === "True" };
}

/** What each host has in its own file, beside what each said when it was done. */
function checkAll(states: readonly AuthorityState[]): void {
  const authorities = new Set(states.map(({ authority }) => authority));
  if (authorities.size === 1 && states.every(({ isActive }) => isActive)) return;
  const shown = states.map(
    ({ node, authority, isActive }) => `${node}: ${authority.slice(0, 12)}${isActive ? "" : ", k3s does not run"}`,
  );
  throw new GroundworkError("failed", ["not all nodes have the new authority:", ...shown].join("\n  "), {
    remedy: "run this again",
  });
}
