import type { Saved } from "./fake/saved";
import type { Host } from "./host";
import type { Verb } from "./scripts";

const known = new Map<string, Saved>();

/** Makes a host a member of its stack's cluster; for real the first time, and from a copy after that. */
export async function member(host: Host, verbs: readonly Verb[] = ["token", "converge"]): Promise<void> {
  host.surround();
  const key = JSON.stringify([host.stack, host.node, verbs, host.world.cluster.ca]);
  const saved = known.get(key);
  if (saved !== undefined) {
    host.load(saved);
    return;
  }
  await host.must(...verbs);
  known.set(key, host.save());
}

/** A server token to rotate to, with what JSON has to escape. */
export const NEW_TOKEN = String.raw`new-"secret\,`;
