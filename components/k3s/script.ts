import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Secret } from "../../config/secret";
import type { HostFile, HostFiles, SecretFile } from "../../desired/host/hostFile";
import type { HostProgram } from "../../desired/host/program";
import { markOf } from "../../desired/host/secretText";

/**
 * The text that a host's shell reads as standard input. What is wanted stands on top, in plain words and files, so that a preview
 * shows a changed setting as the one line that it is; what to do with it follows and is the same for every node.
 *
 * @param given A value for each of the program's secrets and of what it awaits; with secrets the text is a secret as a whole, and so
 *   is that of a program that brings files.
 */
export function scriptOf(program: HostProgram, given: Readonly<Record<string, string>> = {}): string {
  const assignments = Object.entries({ ...program.facts, ...given }).map(
    ([name, value]) => `${name}=${shellQuote(value)}`,
  );
  return [
    `# Groundwork: ${program.title}`,
    "set -eu",
    "umask 022",
    ...assignments,
    "",
    ...(program.brings === undefined ? [] : [bringFiles(program.brings)]),
    ...(program.files === undefined ? [] : [putFiles(program.files)]),
    bodyOf(program),
  ].join("\n");
}

/**
 * What a program is given, without its body: what a preview shows where the script itself is a secret. Of the body it has a
 * digest, so that another release of Groundwork is seen too.
 */
export function givenOf(program: HostProgram): string {
  const assignments = Object.entries(program.facts).map(([name, value]) => `${name}=${shellQuote(value)}`);
  const body = createHash("sha256").update(bodyOf(program)).digest("hex").slice(0, 16);
  return [...assignments, ...(program.files === undefined ? [] : [putFiles(program.files)]), `# body ${body}`, ""].join(
    "\n",
  );
}

/** What a program does with what it is given; the same for every node. */
export function bodyOf({ parts, verbs }: Pick<HostProgram, "parts" | "verbs">): string {
  return [
    ...parts.map(partOf),
    "main() {",
    "  case ${1:-} in",
    ...verbs.map((verb) => `    ${verb}) ${verb} ;;`),
    `    *) fail "unknown verb '\${1:-}'" ;;`,
    "  esac",
    "}",
    // All of it is read before any of it runs, and nothing that runs can read on in it.
    'main "$@" </dev/null',
    "",
  ].join("\n");
}

function bringFiles(files: readonly SecretFile[]): string {
  return shellFunction(
    "bring_files",
    files.map(({ path, content }) => withContent(`bring_file ${shellQuote(path)}`, textOf(content))),
  );
}

/** The offline plan renders no script; a sealed text is that of no host. */
function textOf(content: Secret): string {
  return content.isKnown ? content.reveal() : "";
}

function putFiles(files: HostFiles): string {
  return shellFunction("put_files", [
    ...files.put.map((file) =>
      withContent(`${file.given ? "put_given_file" : "put_file"} ${wordsOf(file)}`, file.content),
    ),
    ...files.secret.map((file) => `put_secret_file ${wordsOf(file)} '${markOf(file)}'`),
    ...files.drop.map((file) => `drop_file ${[shellQuote(file.path), file.effect, file.label].join(" ")}`),
  ]);
}

function wordsOf({ path, mode, effect, label }: Omit<HostFile, "content">): string {
  return [shellQuote(path), mode, effect, label].join(" ");
}

/** A function with nothing in it is none that a shell can read. */
function shellFunction(name: string, lines: readonly string[]): string {
  return [`${name}() {`, ...(lines.length === 0 ? [":"] : lines), "}", ""].join("\n");
}

/** A command that reads a text. */
function withContent(call: string, content: string): string {
  if (content === "") return `${call} </dev/null`;
  const end = endMark(content);
  return `${call} <<'${end}'\n${content}${end}`;
}

/** A line that the content does not have; a here-document ends at the first one that is equal to its mark. */
function endMark(content: string): string {
  if (!content.endsWith("\n")) throw new Error("a host's file must end with a newline");
  const lines = new Set(content.split("\n"));
  let mark = "END_OF_FILE";
  while (lines.has(mark)) mark += "_";
  return mark;
}

/** A word that the shell takes literally. */
export function shellQuote(text: string): string {
  if (text.includes("\0")) throw new Error("a shell word cannot have a NUL byte");
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const cache = new Map<string, string>();

function partOf(name: string): string {
  const known = cache.get(name);
  if (known !== undefined) return known;
  // The first line tells shellcheck that this is a part; the whole needs no such line.
  const text = readFileSync(join(__dirname, "scripts", `${name}.sh`), "utf8").replace(/^# shellcheck .*\n/, "");
  cache.set(name, text);
  return text;
}
