/** Splits a text at its spaces into lines of at most `width` columns; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** A label and a text beside it that goes on under itself. */
export function labelled(label: string, labelWidth: number, text: string, width: number): string[] {
  const [first = "", ...rest] = wrap(text, Math.max(20, width - labelWidth));
  return [`${label.padEnd(labelWidth)}${first}`, ...rest.map((line) => `${" ".repeat(labelWidth)}${line}`)];
}

/** Columns as wide as their widest cell; a column that is empty in every row is left out. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const shown = header.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const kept = [header, ...rows].map((row) => row.filter((_, column) => shown[column] === true));
  const widths = (kept[0] ?? []).map((_, column) => Math.max(...kept.map((row) => (row[column] ?? "").length)));
  return kept.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** Lines pushed to the right; empty ones stay empty. */
export function indent(lines: readonly string[], by: number): string[] {
  return lines.map((line) => (line === "" ? "" : `${" ".repeat(by)}${line}`));
}

/** A text's lines without the end of its last one. */
export function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}
