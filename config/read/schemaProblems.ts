import { z } from "zod";
import { isSecretSetting } from "../schema/scalars";
import { nearest } from "../schema/nearest";
import { pathText, type Problem } from "../problem";
import { isGroup } from "../schema/secretPaths";
import { holdsSecrets } from "./secrets";

type Path = readonly (string | number)[];

/** A setting that must be there and is not. */
export function missing(schema: z.ZodType, described: z.ZodType, path: Path): Problem {
  const description = described.description ?? schema.description;
  const choice = schema instanceof z.ZodEnum ? `write one of ${schema.options.join(", ")}` : undefined;
  const remedy = choice ?? (description === undefined ? "write it" : `write it: ${lowerFirst(description)}`);
  return { path: pathText(path), problem: "is missing", remedy: remedy.replace(/\.$/, "") };
}

/** A key that the schema does not know. */
export function unknownKey(path: Path, key: string, remedy: string): Problem {
  return { path: pathText([...path, key]), problem: "is not a setting", remedy };
}

/** An encrypted value where none belongs: it would be neither readable in a plan nor kept secret in the state. */
export function sealedOutside(path: Path): Problem {
  const [key, ...rest] = path;
  if (typeof key === "string" && rest.length === 0 && holdsSecrets(key)) {
    return {
      path: key,
      problem: "is encrypted as a whole, so that nothing of it can be read here",
      remedy: "encrypt only the secrets in it, each with 'pulumi config set --secret --path'",
    };
  }
  return {
    path: pathText(path),
    problem: "is encrypted, but is not a secret setting",
    remedy: "write it in plain text",
  };
}

/** A value of the wrong kind, or one that its rule refuses. */
export function valueProblem(schema: z.ZodType, found: unknown, path: Path, error: z.ZodError | undefined): Problem {
  const issue = error?.issues[0];
  const { problem, remedy } = kindProblem(schema, found) ?? ruleProblem(schema, found, issue);
  return { path: pathText(path), problem, remedy };
}

type Words = Omit<Problem, "path">;

function kindProblem(schema: z.ZodType, found: unknown): Words | undefined {
  if (found === null) return { problem: "is empty", remedy: "write a value, or remove the key" };
  const scalar = typeof found === "number" || typeof found === "boolean";
  if ((schema instanceof z.ZodString || isFormat(schema)) && typeof found !== "string") {
    if (!scalar) return { problem: `is ${kindOf(found)}, not text`, remedy: "write one value" };
    return { problem: `${found} is ${kindOf(found)} to YAML, not text`, remedy: `write it in quotes: "${found}"` };
  }
  if (schema instanceof z.ZodNumber && typeof found !== "number") {
    if (typeof found === "string" && /^-?\d+$/.test(found)) {
      return { problem: `"${found}" is text, not a number`, remedy: `write it without quotes: ${found}` };
    }
    return { problem: `${shown(found)} is not a number`, remedy: "write a whole number" };
  }
  if (schema instanceof z.ZodBoolean && typeof found !== "boolean") {
    return { problem: `${shown(found)} is neither true nor false`, remedy: "write true or false, without quotes" };
  }
  if (
    (schema instanceof z.ZodObject || schema instanceof z.ZodRecord || schema instanceof z.ZodDiscriminatedUnion) &&
    !isGroup(found)
  ) {
    return { problem: `is ${kindOf(found)}, not a group of settings`, remedy: "write 'key: value' lines under it" };
  }
  if (schema instanceof z.ZodArray && !Array.isArray(found)) {
    return { problem: `is ${kindOf(found)}, not a list`, remedy: "write '- ' before each entry, or [a, b]" };
  }
  return undefined;
}

function ruleProblem(schema: z.ZodType, found: unknown, issue: z.core.$ZodIssue | undefined): Words {
  // A secret's value is never shown.
  if (isSecretSetting(schema)) {
    return { problem: "is not an encrypted text", remedy: "set it with 'pulumi config set --secret --path'" };
  }
  if (schema instanceof z.ZodEnum) {
    const options = schema.options.map(String);
    const near = typeof found === "string" ? nearest(found, options) : undefined;
    const choice = `write one of ${options.join(", ")}`;
    return {
      problem: `${shown(found)} is not one of the choices`,
      remedy: near === undefined ? choice : `${choice} (did you mean ${near}?)`,
    };
  }
  if (issue?.code === "too_small" && typeof found === "number") {
    return { problem: `${found} is too small`, remedy: `write at least ${issue.minimum}` };
  }
  if (issue?.code === "too_big" && typeof found === "number") {
    return { problem: `${found} is too large`, remedy: `write at most ${issue.maximum}` };
  }
  if (typeof found === "number" && issue?.code === "invalid_type") {
    return { problem: `${found} is not a whole number`, remedy: "write a whole number" };
  }
  if (found === "" && issue?.code === "too_small") {
    return { problem: "is empty", remedy: "write a value, or remove the key" };
  }
  if (issue?.code === "too_big") return { problem: "is too long", remedy: `write at most ${issue.maximum} characters` };
  const [problem = "is not valid", remedy = ""] = (issue?.message ?? "").split(/; (.*)/s);
  const plain = problem.startsWith("is ") ? problem : "is not valid";
  return {
    problem: showsValue(found) ? `${shown(found)} ${plain}` : problem.startsWith("must") ? problem : plain,
    remedy,
  };
}

function isFormat(schema: z.ZodType): boolean {
  return schema instanceof z.ZodStringFormat;
}

/** Whether a value may be shown: only what is short; secrets never get here as text. */
function showsValue(found: unknown): boolean {
  return (typeof found === "string" && found !== "") || typeof found === "number" || typeof found === "boolean";
}

function shown(found: unknown): string {
  if (typeof found === "string") return JSON.stringify(found.length > 60 ? `${found.slice(0, 57)}...` : found);
  return typeof found === "object" ? kindOf(found) : JSON.stringify(found);
}

function kindOf(found: unknown): string {
  if (Array.isArray(found)) return "a list";
  if (found === null) return "empty";
  if (typeof found === "object") return "a group of settings";
  if (typeof found === "boolean") return "a boolean";
  return typeof found === "number" ? "a number" : "text";
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
