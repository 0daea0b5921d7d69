/** Text that stays text in a table's cell or a line: no column, tag or line break of its own. */
export function cell(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** A block of code whose fence is longer than any in it. */
export function fenced(language: string, lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.map((line) => /`{3,}/.exec(line)?.[0].length ?? 0));
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, ...lines, fence];
}

/** Something to open. */
export function details(title: string, body: readonly string[]): string {
  return [`<details><summary>${cell(title).replaceAll("\\|", "|")}</summary>`, "", ...body, "</details>", ""].join(
    "\n",
  );
}

/** A table; a column that is empty in every row is left out. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const shown = header.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const line = (cells: readonly string[]): string =>
    `| ${cells
      .filter((_, column) => shown[column] === true)
      .map(cell)
      .join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)];
}
