import { diffLines, structuredPatch } from "diff";

/** A line of a difference: `+` is new, `-` is gone, a space is the same. */
export interface DiffLine {
  readonly sign: "+" | "-" | " ";
  readonly text: string;
}

/** The lines that differ, in their order, without those around them. */
export function changedLines(before: string, after: string): DiffLine[] {
  return diffLines(before, after).flatMap(({ added, removed, value }) => {
    if (!added && !removed) return [];
    const sign = added ? "+" : "-";
    return value
      .replace(/\n$/, "")
      .split("\n")
      .map((text) => ({ sign, text }) as const);
  });
}

/** A run of lines that differ, with the lines around them. */
export interface Hunk {
  /** `@@ -12,7 +12,8 @@`, in unified diff's way. */
  readonly place: string;
  readonly lines: readonly DiffLine[];
}

/** The difference of two texts in hunks. */
export function hunksOf(before: string, after: string, context: number): Hunk[] {
  return structuredPatch("", "", before, after, "", "", { context }).hunks.map((hunk) => ({
    place: `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    lines: hunk.lines
      .filter((line) => !line.startsWith("\\"))
      .map((line) => ({ sign: sign(line), text: line.slice(1) })),
  }));
}

function sign(line: string): DiffLine["sign"] {
  return line.startsWith("+") ? "+" : line.startsWith("-") ? "-" : " ";
}
