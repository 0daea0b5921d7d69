import { GroundworkError } from "../../config/groundworkError";

/**
 * What a token may do with a stack.
 *
 * - `read`: see it, its operations and their events, and the engine's history.
 * - `preview`, `up`, `refresh`, `destroy`: ask for one.
 * - `approve`: have the plan of a preview done.
 * - `cancel`: stop an operation.
 * - `outputs`: the stack's outputs, secrets sealed. `secrets`: in plain text.
 */
export const VERBS = [
  "read",
  "preview",
  "up",
  "refresh",
  "destroy",
  "approve",
  "cancel",
  "outputs",
  "secrets",
] as const;
export type Verb = (typeof VERBS)[number];

/** What may be done with one stack, or with `*`: with all. */
export interface Grant {
  readonly stack: string;
  readonly verbs: readonly Verb[];
}

/** Whether one of the grants covers it. Pure. */
export function allows(grants: readonly Grant[], stack: string, verb: Verb): boolean {
  return grants.some((grant) => (grant.stack === stack || grant.stack === "*") && grant.verbs.includes(verb));
}

/**
 * A grant as it is written on the command line: `prod:read,preview`, `*:read`.
 *
 * @throws GroundworkError `usage`
 */
export function parseGrant(text: string): Grant {
  const at = text.lastIndexOf(":");
  const [stack, words] = at < 0 ? ["", []] : [text.slice(0, at), text.slice(at + 1).split(",")];
  const unknown = words.filter((word) => !(VERBS as readonly string[]).includes(word));
  if (stack === "" || words.length === 0 || unknown.length > 0) {
    const what =
      unknown.length === 0
        ? `'${text}' is no grant`
        : `'${text}': there is no verb ${unknown.map((word) => `'${word}'`).join(", ")}`;
    throw new GroundworkError("usage", what, {
      remedy: `write STACK:VERB,… with a stack's name or * and verbs out of ${VERBS.join(", ")}`,
    });
  }
  return { stack, verbs: words as Verb[] };
}
