import { isGroup, isSealed, secretPatternsOf, type SecretPattern } from "../schema/secretPaths";
import { settingsSchema } from "./schema";

type Path = readonly (string | number)[];
type Raw = Readonly<Record<string, unknown>>;

/** Where secrets sit in a stack's settings: what the schema says. */
export const secretPatterns: readonly SecretPattern[] = secretPatternsOf(settingsSchema);

/** Whether any setting under a top-level key is a secret. */
export function holdsSecrets(key: string): boolean {
  return secretPatterns.some(([first]) => first === key);
}

/** The settings with every value at a secret's path replaced; what is not set is left alone. */
export function mapSecrets(
  raw: Raw,
  replace: (value: unknown, path: Path) => unknown,
  patterns: readonly SecretPattern[] = secretPatterns,
): Raw {
  return patterns.reduce<Raw>((result, pattern) => replaceAt(result, pattern, [], replace) as Raw, raw);
}

function replaceAt(
  value: unknown,
  pattern: SecretPattern,
  path: Path,
  replace: (value: unknown, path: Path) => unknown,
): unknown {
  const [step, ...rest] = pattern;
  if (step === undefined) return value === undefined || value === null ? value : replace(value, path);
  if (step === "[]" && Array.isArray(value)) {
    return value.map((inner, index) => replaceAt(inner, rest, [...path, index], replace));
  }
  if (step === "[]" || !isGroup(value) || isSealed(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      step === "*" || step === name ? replaceAt(inner, rest, [...path, name], replace) : inner,
    ]),
  );
}
