import * as fc from "fast-check";
import { CHANGE_KINDS, DIFFERENCE_FORMAT, type Change, type Difference } from "../../plan/compare/difference";
import { anyTexts } from "../plan/nastyTexts";

/** A difference with releases of this name, each with so many new lines. */
export function differenceOf(name: string, releases: number, linesEach: number): Difference {
  const lines = (release: number) =>
    Array.from({ length: linesEach }, (_, line) => ({ sign: "+", text: `line: ${release}.${line}` }) as const);
  const changes = Array.from({ length: releases }, (_, index): Change => ({
    kind: "release",
    name: `${name}-${index}`,
    type: "kubernetes:helm.sh/v3:Release",
    action: "changed",
    notes: [],
    documents: [{ name: "values", hunks: [{ place: "@@ -1,0 +1,1 @@", lines: lines(index) }] }],
  }));
  return {
    format: DIFFERENCE_FORMAT,
    project: "site",
    stack: name,
    against: "main",
    warnings: [],
    risky: [],
    verdict: { line: "", hosts: [], bites: [] },
    restarts: [],
    changes,
  };
}

const some = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 3 });

/** What a pull request's code might write: of the right shape, and with any text in every field. */
export const anyDifferences: fc.Arbitrary<Difference> = fc.record({
  format: fc.constant(DIFFERENCE_FORMAT),
  project: anyTexts,
  stack: anyTexts,
  against: anyTexts,
  warnings: some(anyTexts),
  risky: some(fc.record({ what: anyTexts, happens: anyTexts, remedy: anyTexts })),
  verdict: fc.record({
    line: anyTexts,
    hosts: some(
      fc.record({ name: anyTexts, role: anyTexts, changes: anyTexts, k3s: anyTexts, drain: anyTexts, order: anyTexts }),
    ),
    bites: some(anyTexts),
  }),
  restarts: some(anyTexts),
  changes: some(
    fc.record({
      kind: fc.constantFrom(...CHANGE_KINDS),
      name: anyTexts,
      type: anyTexts,
      action: fc.constantFrom("added", "removed", "changed"),
      notes: some(anyTexts),
      documents: some(
        fc.record({
          name: fc.oneof(anyTexts, fc.constant("values")),
          hunks: some(
            fc.record({
              place: anyTexts,
              lines: some(fc.record({ sign: fc.constantFrom("+", "-", " "), text: anyTexts })),
            }),
          ),
        }),
      ),
    }),
  ),
});
