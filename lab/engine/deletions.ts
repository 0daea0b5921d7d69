import type { ResourceState } from "./state";

/**
 * The resources in an order in which each can be deleted: whoever needs another comes before it. The two never need
 * one another within one generation; if an older record says so, the younger one goes first.
 */
export function deletionOrder(
  resources: readonly ResourceState[],
  needsOf: (resource: ResourceState) => readonly string[],
): ResourceState[] {
  const left = [...resources].reverse();
  const order: ResourceState[] = [];
  while (left.length > 0) {
    const isNeeded = (one: ResourceState) =>
      left.some((other) => other.urn !== one.urn && needsOf(other).includes(one.urn));
    const free = left.filter((resource) => !isNeeded(resource));
    const next = free.length > 0 ? free : left.slice(0, 1);
    order.push(...next);
    for (const resource of next) left.splice(left.indexOf(resource), 1);
  }
  return order;
}

/** As Pulumi words it (`pkg/resource/deploy/step.go` and `step_generator.go`), without naming its CLI. */
export function protectedMessage(urn: string, operation: "delete" | "replace"): string {
  const head =
    operation === "delete"
      ? `resource "${urn}" cannot be deleted\nbecause it is protected.`
      : `unable to replace resource "${urn}"\nas it is currently marked for protection.`;
  return `${head} To unprotect the resource, remove the \`protect\` flag from the resource in your Pulumi program and run up`;
}
