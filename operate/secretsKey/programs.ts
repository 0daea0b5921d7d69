import type { Settings } from "../../config/settings";
import type { HostProgram } from "../../desired/host/program";
import type { DesiredNode } from "../../desired/nodes";
import { startFacts, TURN_PARTS } from "../serverTurns";

/** Longer than k3s takes for tens of thousands of Secrets, at the five a second of older releases. */
export const KEY_SECONDS = 7200;

/**
 * What a server is asked and does when the key of the Secrets is rotated: the gates of a roll-out's own restart, with another part.
 * Verbs: `look_at_key`; `rotate_key` and `finish_key` on the server that rotates; `take_up_key` on each.
 *
 * @param keyServer The server that rotates.
 */
export function secretsKeyProgram(settings: Settings, node: DesiredNode, keyServer: string): HostProgram {
  const { drain } = node.steps;
  return {
    ...drain.program,
    title: `the key of the Secrets on ${node.name}`,
    facts: {
      ...drain.program.facts,
      ...startFacts(settings, node),
      key_server: keyServer,
      key_timeout: String(KEY_SECONDS),
    },
    parts: [...drain.program.parts, ...TURN_PARTS, "secretsKey"],
    verbs: ["look_at_key", "rotate_key", "take_up_key", "finish_key"],
  };
}
