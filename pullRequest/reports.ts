import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { CHANGE_KINDS, DIFFERENCE_FORMAT, type Difference } from "../plan/compare/difference";

/** What is known of one stack. */
export interface StackReport {
  readonly stack: string;
  /** Set where it is what `up` would do now, and not what a change does. */
  readonly view?: "live";
  /** Its difference, or a text in its place, such as why there is none. */
  readonly found: Difference | string;
  /** Why the file is not what it must be, which the text says as well. */
  readonly problem?: string;
}

/** The largest file that is read, in bytes: the difference of a new stack with a hundred nodes. */
const LARGEST = 64 * 1024 * 1024;

/** What all files together may have, in bytes. */
const LARGEST_SUM = 2 * LARGEST;

/** Characters of a text that are shown. */
export const LONGEST_TEXT = 20_000;

/** More stacks than a comment can name. */
const MOST_STACKS = 200;

const TEXTS = z.array(z.string());

const HOST = z.object({
  name: z.string(),
  role: z.string(),
  changes: z.string(),
  k3s: z.string(),
  drain: z.string(),
  order: z.string(),
});

const DIFFERENCE = z.object({
  format: z.literal(DIFFERENCE_FORMAT),
  project: z.string(),
  stack: z.string(),
  view: z.enum(["base", "live"]).default("base"),
  against: z.string(),
  failed: z.boolean().optional(),
  warnings: TEXTS,
  risky: z.array(
    z.object({ what: z.string(), happens: z.string(), remedy: z.string(), refused: z.boolean().optional() }),
  ),
  verdict: z
    .object({ line: z.string(), hosts: z.array(HOST), bites: TEXTS })
    .default({ line: "", hosts: [], bites: [] }),
  // Those of before there was the field have none.
  restarts: TEXTS.default([]),
  changes: z.array(
    z.object({
      kind: z.enum(CHANGE_KINDS),
      name: z.string(),
      type: z.string(),
      action: z.enum(["added", "removed", "changed"]),
      notes: TEXTS,
      documents: z.array(
        z.object({
          name: z.string(),
          hunks: z.array(
            z.object({
              place: z.string(),
              lines: z.array(z.object({ sign: z.enum(["+", "-", " "]), text: z.string() })),
            }),
          ),
        }),
      ),
    }),
  ),
}) satisfies z.ZodType<Difference>;

/**
 * The reports in a directory, by name: `<stack>.json` as `plan --against --format json` writes it, `<stack>.live.json` as
 * `plan --live --format json` does, or a text in the place of either (`.txt`).
 *
 * @throws Error when the directory cannot be read.
 */
export function readReports(directory: string): StackReport[] {
  return filesIn(directory).map(({ name, text }) => reportOf(name, text));
}

/** A file of a directory of reports; its text is undefined where it is too large. */
export interface ReportFile {
  readonly name: string;
  readonly text: string | undefined;
}

/**
 * The files in a directory that are called `<stack>.json` or `<stack>.txt`, by name. It may hold whatever a pull request's code put there:
 * only ordinary files with a stack's name are read, and no more of them than is bounded above.
 *
 * @throws Error when the directory cannot be read.
 */
export function filesIn(directory: string): ReportFile[] {
  let room = LARGEST_SUM;
  return fs
    .readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.(json|txt)$/.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, MOST_STACKS)
    .map(({ name }) => {
      const text = read(path.join(directory, name), Math.min(LARGEST, room));
      room -= text?.length ?? 0;
      return { name, text };
    });
}

function reportOf(name: string, text: string | undefined): StackReport {
  const stack = name.replace(/\.[^.]*$/, "").replace(/\.live$/, "");
  const view = name.includes(".live.") ? ({ view: "live" } as const) : {};
  const unreadable = (why: string): StackReport => ({
    stack,
    ...view,
    found: `${name} ${why}`,
    problem: `${name} ${why}`,
  });
  if (text === undefined) return unreadable("is too large");
  if (name.endsWith(".txt")) return { stack, ...view, found: text.slice(0, LONGEST_TEXT) };
  const found = differenceIn(text);
  return typeof found === "string" ? unreadable(found) : { stack, ...view, found };
}

/** The difference that a text holds, as `plan --format json` writes it, or what is wrong with it: in our own words, and none of the text's. */
export function differenceIn(text: string): Difference | string {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return "is not JSON";
  }
  const read = DIFFERENCE.safeParse(data);
  if (read.success) return read.data;
  const [first] = read.error.issues;
  if (first?.path[0] === "format") {
    return `is no difference of format ${DIFFERENCE_FORMAT}: write it with 'groundwork plan --against REF --format json'`;
  }
  return `is not as 'groundwork plan' writes it: ${first?.path.join(".") ?? ""}: ${first?.message ?? ""}`;
}

/** The text of a file; undefined when it is larger than allowed. */
function read(file: string, largest: number): string | undefined {
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    const { size } = fs.fstatSync(descriptor);
    return size > largest ? undefined : fs.readFileSync(descriptor, "utf8");
  } finally {
    fs.closeSync(descriptor);
  }
}
