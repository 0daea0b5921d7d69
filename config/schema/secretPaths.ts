import { z } from "zod";
import { pathText, type Problem } from "../problem";
import { Secret } from "../secret";
import { isSecretSetting, unwrap } from "./scalars";

/** A way to secrets in a stack's settings, a step a level; `*` stands for any name, `[]` for any entry of a list. */
export type SecretPattern = readonly string[];

type Path = readonly (string | number)[];

/** Where secrets sit in settings of this schema. */
export function secretPatternsOf(schema: z.ZodType): SecretPattern[] {
  // Two kinds of entry may have a secret of the same name.
  return [...new Map(patternsOf(schema).map((pattern) => [pattern.join("."), pattern])).values()];
}

function patternsOf(schema: z.ZodType): SecretPattern[] {
  const inner = unwrap(schema);
  if (isSecretSetting(inner)) return [[]];
  const below = (step: string, each: z.ZodType): SecretPattern[] =>
    patternsOf(each).map((pattern) => [step, ...pattern]);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([name, field]) => below(name, field as z.ZodType));
  }
  if (inner instanceof z.ZodRecord) return below("*", inner.valueType as z.ZodType);
  if (inner instanceof z.ZodArray) return below("[]", inner.element as z.ZodType);
  // A discriminated union is one too.
  if (inner instanceof z.ZodUnion) return (inner.options as readonly z.ZodType[]).flatMap(patternsOf);
  return [];
}

/** `key: value` pairs, as JSON and YAML have them. */
export function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

/** An encrypted value as Pulumi writes it into a stack's file: `{ secure: v1:… }`. */
export function isSealed(value: unknown): value is { secure: string } {
  return isGroup(value) && typeof value["secure"] === "string" && Object.keys(value).length === 1;
}

/** Secrets that people have as a file. */
const FILES = ["privateKey", "serviceAccount", "accounts"];

/** The command that sets a secret so that it is encrypted. */
export function setSecretCommand(path: Path): string {
  const source = FILES.includes(String(path.at(-1))) ? " < FILE" : "";
  return `pulumi config set --secret --path 'groundwork:${pathText(path)}'${source}`;
}

/** A secret that stands in the stack's file for everybody to read. */
export function plainSecret(path: Path): Problem {
  return {
    path: pathText(path),
    problem: "is a secret in plain text",
    remedy: `it is no secret any more: make a new one and set it with: ${setSecretCommand(path)}`,
  };
}
