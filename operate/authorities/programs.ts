import type { Settings } from "../../config/settings";
import type { HostProgram } from "../../desired/host/program";
import type { DesiredNode } from "../../desired/nodes";
import { startFacts, TURN_PARTS } from "../serverTurns";

/** New authorities, once they are made. */
export interface NewAuthorities {
  /** SHA-256 of the server authority's file. */
  readonly next: string;
  /** What k3s pins tokens to: SHA-256 of its root. */
  readonly pin: string;
}

/**
 * What a host is asked and does when the certificate authorities are rotated. Verbs: `look_at_ca`, `expect_ca` and `take_up_ca` on each;
 * on the server that rotates also `make_ca`, `store_ca` and `finish_ca`.
 *
 * @param made The new authorities; undefined before they are made.
 */
export function authoritiesProgram(settings: Settings, node: DesiredNode, made?: NewAuthorities): HostProgram {
  const title = `the certificate authorities on ${node.name}`;
  const given = { ca_next: made?.next ?? "", ca_pin: made?.pin ?? "", ...startFacts(settings, node) };
  if (node.role === "server") return { ...onServer(node, given), title };
  const { ready_timeout: _, ...starting }: Record<string, string> = given;
  const { project = "", stack = "" } = node.steps.host.program.facts;
  return {
    title,
    facts: { project, stack, node: node.name, role: node.role, ...starting },
    secrets: [],
    files: undefined,
    parts: ["report", "owner", "files", "lock", "restart", "preflight", "health", "authority"],
    verbs: ["look_at_ca", "expect_ca", "take_up_ca"],
  };
}

/** What its operator does when k3s has restarted on an agent. Verb: `await_agent`. */
export function agentBackProgram(settings: Settings, agent: DesiredNode, operator: string): HostProgram {
  const program = onServer(agent, startFacts(settings, agent));
  return { ...program, facts: { ...program.facts, operator }, verbs: ["await_agent"] };
}

function onServer(node: DesiredNode, given: Record<string, string>): HostProgram {
  const { program } = node.steps.drain;
  return {
    ...program,
    title: `${node.name} with new certificate authorities`,
    facts: { ...program.facts, ...given },
    parts: [...program.parts, ...TURN_PARTS, "maintain", "authority", "rotateCa"],
    verbs: ["look_at_ca", "make_ca", "expect_ca", "store_ca", "take_up_ca", "finish_ca"],
  };
}
