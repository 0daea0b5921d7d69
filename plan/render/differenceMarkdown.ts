import type { Difference } from "../compare/difference";
import { countLine, groupChanges, groupTitle, type ChangeGroup } from "./changeGroups";
import { diffLines, readDocuments } from "./differenceText";
import { cell, details, fenced } from "./markdownParts";

/** GitHub refuses comments of more than 65,536 characters; Gitea and GitLab take more. */
export const COMMENT_LIMIT = 65_000;

/** Rows of the table; the rest is counted. */
const MOST_ROWS = 60;

/**
 * A difference for a pull request: a table first, then each change to be opened. Cut between changes, never inside one,
 * with a note of what was left out.
 */
export function renderDifferenceMarkdown(difference: Difference, limit: number = COMMENT_LIMIT): string {
  const groups = groupChanges(difference);
  const head = [
    `### Groundwork plan: stack \`${difference.stack}\``,
    "",
    `Against \`${difference.against}\`: **${countLine(difference)}**.`,
    ...(difference.warnings.length === 0 ? [] : ["", ...difference.warnings.map((warning) => `> ⚠️ ${cell(warning)}`)]),
    ...difference.risky.flatMap(({ what, happens, remedy }) => [
      "",
      `> ⚠️ **Risky: ${bold(what)}**`,
      `> ${cell(capital(happens))}. What to do: ${cell(remedy)}.`,
    ]),
    ...(groups.length === 0 ? [] : ["", ...tableLines(groups)]),
    "",
  ].join("\n");

  const blocks = groups.map(groupBlock);
  let text = head;
  for (const [index, block] of blocks.entries()) {
    const rest = groups.slice(index);
    const isLast = rest.length === 1;
    if (text.length + block.length + (isLast ? 0 : leftOut(rest.slice(1)).length) > limit) return text + leftOut(rest);
    text += block;
  }
  return text;
}

/** Text that ends no bold one. */
function bold(text: string): string {
  return cell(text).replaceAll("*", "\\*");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function tableLines(groups: readonly ChangeGroup[]): string[] {
  const rows = groups.slice(0, MOST_ROWS).map((group) => {
    const { action, notes } = group.change;
    const sign = { added: "➕", removed: "➖", changed: "✏️" }[action];
    return `| ${sign} ${action} | ${cell(shortTitle(group))} | ${cell(notes.join("; "))} |`;
  });
  const more = groups.length - MOST_ROWS;
  return ["| | what | what happens |", "|---|---|---|", ...rows, ...(more > 0 ? [`| | and ${more} more | |`] : [])];
}

/** In the table many names would be a wall. */
function shortTitle(group: ChangeGroup): string {
  const { names } = group;
  if (names.length <= 6) return groupTitle(group);
  return groupTitle({ ...group, names: [...names.slice(0, 5), `${names.length - 5} more`] });
}

function groupBlock(group: ChangeGroup): string {
  const body = readDocuments(group).flatMap((document) => [
    `**\`${document.name}\`**`,
    "",
    ...fenced("diff", diffLines(document)),
    "",
  ]);
  if (body.length === 0) return "";
  return `\n${details(`${shortTitle(group)} ${group.change.action}`, body)}\n`;
}

function leftOut(groups: readonly ChangeGroup[]): string {
  const named = groups.slice(0, 10).map(shortTitle);
  const more = groups.length - named.length;
  const names = [...named, ...(more > 0 ? [`${more} more`] : [])].join("; ").slice(0, 2000);
  return `\n_Left out, because the comment would be too long: ${cell(names)}. 'groundwork plan --against' shows all of it._\n`;
}
