import { z } from "zod";
import { GroundworkError } from "../../config/groundworkError";
import { pathText, problemLine, type Problem } from "../../config/problem";
import { nearest } from "../../config/schema/nearest";

/** What is read of arguments that may be wrong: a part that is broken is undefined, and said in `problems`. */
export interface ReadArguments<T> {
  readonly value: Partial<T>;
  readonly problems: readonly Problem[];
}

/** Reads arguments one by one, so that a broken one hides nothing of the rest. Defaults are filled in. */
export function readArguments<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  given: object,
): ReadArguments<z.output<z.ZodObject<Shape>>> {
  const problems: Problem[] = [];
  const value: Record<string, unknown> = {};
  const known = Object.keys(schema.shape);
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) problems.push(unknown([], key, known));
  }
  for (const key of known) {
    const field = schema.shape[key] as z.ZodType;
    const found = (given as Record<string, unknown>)[key];
    const parsed = field.safeParse(found, { error: (issue) => plainMessage(issue) });
    if (parsed.success) value[key] = parsed.data;
    else problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(issue, key, found, field)));
  }
  return { value: value as Partial<z.output<z.ZodObject<Shape>>>, problems };
}

/** @throws GroundworkError `invalid-settings` with all of the problems, where there are any */
export function refuse(what: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `  ${problemLine(problem)}`);
  throw new GroundworkError("invalid-settings", [`${what} cannot be made so:`, ...lines].join("\n"), { problems });
}

function problemsOf(issue: z.core.$ZodIssue, key: string, found: unknown, field: z.ZodType): Problem[] {
  const path = [key, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(schemaAt(field, issue.path) ?? {});
    return issue.keys.map((each) => unknown(path, each, known));
  }
  if (issue.code === "invalid_union") {
    // What may be switched off stands in a union with `false`, behind it.
    const meant = issue.errors.at(-1) ?? [];
    return meant.flatMap((inner) => problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, key, found, field));
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map(({ message }) => {
      const [problem = "", remedy = ""] = message.split(/; (.*)/s);
      return { path: pathText(path), problem, remedy };
    });
  }
  const [problem = "is not valid", remedy = ""] = issue.message.split(/; (.*)/s);
  const value = valueAt(found, issue.path);
  if (value === undefined) {
    const description = schemaFor(field, issue.path)?.description;
    return [{ path: pathText(path), problem: "is missing", remedy: `write ${description ?? "it"}` }];
  }
  const shown = typeof value === "string" && value !== "" ? `${JSON.stringify(value.slice(0, 80))} ` : "";
  return [{ path: pathText(path), problem: problem.startsWith("is ") ? shown + problem : problem, remedy }];
}

function unknown(path: readonly (string | number)[], key: string, known: readonly string[]): Problem {
  const near = nearest(key, known);
  const remedy = near === undefined ? `known here: ${known.join(", ")}` : `did you mean ${near}?`;
  return { path: pathText([...path, key]), problem: "is not an argument", remedy };
}

/** zod's own messages, in the words of the rest. */
function plainMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return `is not ${KINDS[issue.expected] ?? issue.expected}; write ${KINDS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `is not one of the choices; write one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return issue.origin === "array" || issue.origin === "record"
        ? "is empty; write at least one"
        : `is too small; write at least ${issue.minimum}`;
    case "too_big":
      return `is too large; write at most ${issue.maximum}`;
    case "invalid_union":
      return "";
    default:
      return undefined;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a group of arguments",
  record: "a group of names with values",
};

function valueAt(found: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], found);
}

/** The schema that stands at a path, without what says that it may be left out. */
function schemaFor(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let at: z.ZodType | undefined = schema;
  for (const step of path) {
    const inner: z.ZodType | undefined = at && bare(at);
    if (inner instanceof z.ZodObject) at = (inner.shape as Record<PropertyKey, z.ZodType>)[step];
    else if (inner instanceof z.ZodRecord) at = inner.valueType as z.ZodType;
    else if (inner instanceof z.ZodArray) at = inner.element as z.ZodType;
    else return undefined;
  }
  return at;
}

function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodRawShape | undefined {
  const found = schemaFor(schema, path);
  const inner = found && bare(found);
  return inner instanceof z.ZodObject ? inner.shape : undefined;
}

/** Without defaults and `false`, which stand in a union with what is meant. */
function bare(schema: z.ZodType): z.ZodType {
  let inner = schema;
  for (;;) {
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
      inner = inner.unwrap() as z.ZodType;
    } else if (inner instanceof z.ZodUnion) {
      const meant = (inner.options as readonly z.ZodType[]).find((option) => !(option instanceof z.ZodLiteral));
      if (meant === undefined) return inner;
      inner = meant;
    } else return inner;
  }
}
