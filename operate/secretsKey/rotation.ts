import { GroundworkError } from "../../config/groundworkError";
import { compareKubernetes, parseVersion } from "../../config/versions/version";

/** What a server says of the keys that encrypt the Secrets in etcd. */
export interface KeyState {
  readonly node: string;
  readonly isEnabled: boolean;
  /** k3s's own word: `start`, `reencrypt_active`, `reencrypt_finished`, … */
  readonly stage: string;
  /** Which servers' keys differ, in k3s's words; empty where all have the same. */
  readonly mismatch: string;
  readonly active: string;
  /** Keys beside the active one. */
  readonly hasOthers: boolean;
  readonly version: string;
  /** A rotation was begun there, and is not finished. */
  readonly isBegun: boolean;
}

/** What is to be done. */
export interface Rotation {
  /** Name of the server that makes the key. */
  readonly server: string;
  /** One that was begun goes on. */
  readonly goesOn: boolean;
}

/** Since when `rotate-keys` is no experiment any more (docs.k3s.io/cli/secrets-encrypt). */
const LOWEST = "v1.30.5";
const LEFT_OUT = "v1.31.0";

/**
 * Decides whether a key can be rotated, and on which server.
 *
 * @param states Of all servers, in roll-out order.
 * @throws GroundworkError with all that is in the way.
 */
export function decideRotation(states: readonly KeyState[]): Rotation {
  const [first] = states;
  if (first === undefined) throw new GroundworkError("usage", "the stack has no server");
  const begun = states.find(({ isBegun }) => isBegun);
  if (begun !== undefined) return { server: begun.node, goesOn: true };
  const problems = [...disabled(states), ...tooOld(states), ...unequal(states)];
  if (problems.length === 0) return { server: first.node, goesOn: false };
  throw new GroundworkError("failed", ["the key is not rotated:", ...problems].join("\n  "), {
    remedy: "nothing was changed",
  });
}

function disabled(states: readonly KeyState[]): string[] {
  const names = states.filter(({ isEnabled }) => !isEnabled).map(({ node }) => node);
  return names.length === 0
    ? []
    : [`Secrets are not encrypted (${names.join(", ")}): k3s.secretsEncryption was false when the cluster was made`];
}

function tooOld(states: readonly KeyState[]): string[] {
  return states
    .filter(({ version }) => !canRotate(version))
    .map(
      ({ node, version }) =>
        `${node} runs ${version}, whose way to another key is an older one; write k3s.version ${LOWEST}+k3s1 or newer first`,
    );
}

function canRotate(text: string): boolean {
  const [version, lowest, leftOut] = [text, LOWEST, LEFT_OUT].map(parseVersion);
  if (version === undefined || lowest === undefined || leftOut === undefined) return true; // k3s itself refuses what it cannot do
  return compareKubernetes(version, lowest) >= 0 && compareKubernetes(version, leftOut) !== 0;
}

/** Servers that have different keys, or are in the midst of somebody's rotation by hand. */
function unequal(states: readonly KeyState[]): string[] {
  const enabled = states.filter(({ isEnabled }) => isEnabled);
  const differing = [...new Set(enabled.map(({ mismatch }) => mismatch).filter((words) => words !== ""))];
  if (differing.length > 0) {
    return [
      `the servers do not have the same keys: ${differing.join("; ")}; restart k3s on the one that is behind, one server at a time`,
    ];
  }
  return enabled
    .filter(({ stage, hasOthers }) => hasOthers || !["start", "reencrypt_finished"].includes(stage))
    .map(
      ({ node, stage }) =>
        `somebody rotates the key by hand on ${node} (stage ${stage}); finish that first (docs.k3s.io/cli/secrets-encrypt)`,
    );
}
