import { pathText, type Problem } from "../problem";
import { Secret } from "../secret";

/** Where secrets sit in a stack's settings; `*` stands for any name. A test compares the list with the schema. */
export const secretPatterns = [
  ["ssh", "privateKey"],
  ["ssh", "privateKeyPassphrase"],
  ["ssh", "bastions", "*", "privateKey"],
  ["k3s", "token"],
  ["k3s", "agentToken"],
  ["issuers", "*", "privateKey"],
  ["issuers", "*", "tsigSecret"],
] as const satisfies readonly (readonly string[])[];

type Raw = Readonly<Record<string, unknown>>;

/** Whether any setting under a top-level key is a secret. */
export function holdsSecrets(key: string): boolean {
  return secretPatterns.some(([first]) => first === key);
}

/** The settings with every value at a secret's path replaced; what is not set is left alone. */
export function mapSecrets(raw: Raw, replace: (value: unknown, path: readonly string[]) => unknown): Raw {
  return secretPatterns.reduce<Raw>((result, pattern) => replaceAt(result, pattern, [], replace) as Raw, raw);
}

function replaceAt(
  value: unknown,
  pattern: readonly string[],
  path: readonly string[],
  replace: (value: unknown, path: readonly string[]) => unknown,
): unknown {
  const [step, ...rest] = pattern;
  if (step === undefined) return value === undefined || value === null ? value : replace(value, path);
  if (!isGroup(value) || isSealed(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      step === "*" || step === name ? replaceAt(inner, rest, [...path, name], replace) : inner,
    ]),
  );
}

/** `key: value` pairs, as JSON and YAML have them. */
export function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

/** An encrypted value as Pulumi writes it into a stack's file: `{ secure: v1:… }`. */
export function isSealed(value: unknown): value is { secure: string } {
  return isGroup(value) && typeof value["secure"] === "string" && Object.keys(value).length === 1;
}

/** The command that sets a secret so that it is encrypted. */
export function setSecretCommand(path: readonly string[]): string {
  const [key = "", ...rest] = path;
  const source = path.at(-1) === "privateKey" ? " < FILE" : "";
  return `pulumi config set --secret --path 'groundwork:${pathText([key, ...rest])}'${source}`;
}

/** A secret that stands in the stack's file for everybody to read. */
export function plainSecret(path: readonly string[]): Problem {
  return {
    path: pathText(path),
    problem: "is a secret in plain text",
    remedy: `it is no secret any more: make a new one and set it with: ${setSecretCommand(path)}`,
  };
}
