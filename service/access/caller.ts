import { createHash } from "node:crypto";
import type { Grant } from "./grants";

/** Whose request it is: of a token of the service, or of somebody whom a trusted issuer knows. */
export interface Caller {
  /** Never two callers' at once; limits and idempotency keys go by it. */
  readonly id: string;
  /** What people call it: `ci`, or `gitlab.com:project_path:acme/clusters:…`. It stands in the record beside what was asked for. */
  readonly name: string;
  readonly grants: readonly Grant[];
}

const LONGEST_NAME = 200;

/**
 * The name and the id of a subject of an issuer. A subject is whatever somebody could have their issuer write: what does not belong into
 * a line of a log is replaced, and a name that was changed has a digest, so that nobody can be called like somebody else.
 */
export function subjectIdentity(issuer: string, subject: string): Pick<Caller, "id" | "name"> {
  const digest = createHash("sha256")
    .update(JSON.stringify([issuer, subject]))
    .digest("hex");
  const whole = `${new URL(issuer).host}:${subject}`;
  const clean = whole.replace(/[^\w.:/@+=,#-]/g, "_");
  const name =
    clean === whole && whole.length <= LONGEST_NAME
      ? whole
      : `${clean.slice(0, LONGEST_NAME - 9)}~${digest.slice(0, 8)}`;
  return { id: `oidc_${digest.slice(0, 32)}`, name };
}
