import type { Operation } from "./step";

const DONE: Record<Exclude<Operation, "same">, [string, string]> = {
  create: ["+  ", "created"],
  update: ["~  ", "updated"],
  replace: ["+- ", "replaced"],
  delete: ["-  ", "deleted"],
};

/** The end of a run for a person: how many of each, and that nothing changed when nothing did. */
export function summaryLines(
  operations: readonly { operation: Operation }[],
  isPreview: boolean,
  durationMs: number,
): string[] {
  const count = (operation: Operation) => operations.filter((each) => each.operation === operation).length;
  const took = `(${(durationMs / 1000).toFixed(1)}s)`;
  const unchanged = count("same");
  if (operations.length === 0) return [`nothing to do: there are no resources ${took}`];
  if (unchanged === operations.length) {
    return [
      `nothing ${isPreview ? "would change" : "changed"}: ${unchanged} resources are as the program says ${took}`,
    ];
  }
  const lines = (Object.keys(DONE) as (keyof typeof DONE)[])
    .filter((operation) => count(operation) > 0)
    .map(
      (operation) =>
        `    ${DONE[operation][0]}${count(operation)} ${isPreview ? `to ${operation}` : DONE[operation][1]}`,
    );
  return ["Resources:", ...lines, ...(unchanged > 0 ? [`       ${unchanged} unchanged`] : []), took];
}
