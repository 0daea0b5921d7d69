import type { Difference, DocumentChange, RiskyChange } from "../compare/difference";
import { groupChanges, groupTitle, type ChangeGroup } from "./changeGroups";
import { labelled, wrap } from "./layout";
import { plainPaint, type Paint } from "./paint";
import type { TextOptions } from "./text";
import { verdictLine, verdictText } from "./verdictParts";

/** What a person reads of a new node: what is the site's own. Its scripts and the rest are those of every node. */
const READ_WHEN_ADDED = /^(settings|values|inputs|value|order|\/etc\/rancher\/.*|\/etc\/resolv.*)$/;

/** A difference for a terminal, in the manner of a unified diff. */
export function renderDifferenceText(difference: Difference, { width, paint = plainPaint }: TextOptions): string {
  const head = wrap(`Stack ${difference.stack} against ${difference.against}: ${verdictLine(difference)}`, width).map(
    (line) => paint.heading(line),
  );
  const warnings = difference.warnings.flatMap((warning) => {
    const [first = "", ...rest] = wrap(warning, width - 4);
    return [`  ${paint.warning("!")} ${first}`, ...rest.map((line) => `    ${line}`)];
  });
  return [
    ...head,
    ...warnings,
    ...difference.risky.flatMap((risk) => riskLines(risk, width, paint)),
    ...verdictText(difference, width, paint),
    ...groupChanges(difference).flatMap((group) => ["", ...groupLines(group, width, paint)]),
    "",
  ].join("\n");
}

function riskLines({ what, happens, remedy }: RiskyChange, width: number, paint: Paint): string[] {
  const [first = "", ...rest] = wrap(`Risky: ${what}`, width - 4);
  return [
    `  ${paint.warning("!")} ${paint.heading(first)}`,
    ...rest.map((line) => `    ${paint.heading(line)}`),
    ...labelled("    happens", 14, happens, width),
    ...labelled("    do", 14, remedy, width),
  ];
}

function groupLines(group: ChangeGroup, width: number, paint: Paint): string[] {
  const { action, notes } = group.change;
  const mark = { added: paint.added("+"), removed: paint.removed("-"), changed: paint.warning("~") }[action];
  const [title = "", ...more] = wrap(`${groupTitle(group)} ${action}`, width - 2);
  return [
    `${mark} ${paint.heading(title)}`,
    ...more.map((line) => `  ${paint.heading(line)}`),
    ...notes.flatMap((note) => wrap(note, width - 4).map((line) => `    ${line}`)),
    ...readDocuments(group).flatMap((document) => [
      `  ${document.name}`,
      ...diffLines(document, paint).map((line) => `    ${line}`),
    ]),
  ];
}

/** The documents of a group that are shown; of something new only those that are its own. */
export function readDocuments({ change: { action, documents } }: ChangeGroup): readonly DocumentChange[] {
  return action === "added" ? documents.filter(({ name }) => READ_WHEN_ADDED.test(name)) : documents;
}

/** A document's hunks as lines; a place is shown only where there are several with lines around them. */
export function diffLines({ hunks }: DocumentChange, paint: Paint = plainPaint): string[] {
  const needsPlaces = hunks.length > 1 && hunks.some(({ lines }) => lines.some(({ sign }) => sign === " "));
  return hunks.flatMap((hunk) => [
    ...(needsPlaces ? [paint.faint(hunk.place)] : []),
    ...hunk.lines.map(({ sign, text }) => {
      const line = `${sign}${text}`;
      return sign === "+" ? paint.added(line) : sign === "-" ? paint.removed(line) : line.trimEnd();
    }),
  ]);
}
