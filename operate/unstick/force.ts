import type { Kubectl } from "../kubectl";
import { forcible, placeOf } from "./explain";
import type { Held, Stuck } from "./model";
import { isThere } from "./read";

/** What came of taking finalizers away. */
export interface Forced {
  readonly released: number;
  /** `challenges.… shop/web: …`, a line each. */
  readonly failed: readonly string[];
  readonly isGone: boolean;
}

export interface ForceOptions {
  /** Called with a line for each object. */
  readonly say: (line: string) => void;
  /** How long its end is waited for. Default: 60,000; 5,000 where something else holds it as well. */
  readonly waitMs?: number;
}

/**
 * Takes away the finalizers of all that is being deleted and holds it, and waits for its end. Each is taken from the very object
 * that was listed: one that was made anew under its name is left alone.
 */
export async function force(kubectl: Kubectl, stuck: Stuck, { say, waitMs }: ForceOptions): Promise<Forced> {
  const failed: string[] = [];
  let released = 0;
  for (const held of forcible(stuck)) {
    try {
      await release(kubectl, held);
      released++;
      say(`released ${placeOf(held)}`);
    } catch (error) {
      failed.push(`${placeOf(held)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (stuck.finalizers.length > 0) {
    const [resource, own] = stuck.kind === "namespace" ? ["namespaces", []] : ["customresourcedefinitions", CLEANUP];
    try {
      await patch(kubectl, [resource, stuck.name], stuck.uid, own);
      released++;
    } catch (error) {
      failed.push(`${stuck.kind} ${stuck.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const isHeld = stuck.services.length + stuck.unlisted.length > 0;
  const end = Date.now() + (waitMs ?? (isHeld ? 5000 : 60_000));
  let isGone = !(await isThere(kubectl, stuck));
  while (!isGone && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    isGone = !(await isThere(kubectl, stuck));
  }
  return { released, failed, isGone };
}

/** The one that the API server ends itself stays, or objects would be left that nobody can reach. */
const CLEANUP = ["customresourcecleanup.apiextensions.k8s.io"];

async function release(kubectl: Kubectl, { resource, namespace, name, uid }: Held): Promise<void> {
  try {
    await patch(kubectl, [resource, name, ...(namespace === undefined ? [] : ["-n", namespace])], uid, []);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("(NotFound)")) throw error; // it went by itself meanwhile
  }
}

async function patch(
  kubectl: Kubectl,
  words: readonly string[],
  uid: string,
  finalizers: readonly string[],
): Promise<void> {
  const change = { metadata: { uid, finalizers: finalizers.length === 0 ? null : finalizers } };
  await kubectl.text(["patch", ...words, "--type=merge", "-p", JSON.stringify(change)]);
}
