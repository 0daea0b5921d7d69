import { SECRET_MARK } from "../../config/secret";
import { PLAIN_SECRET } from "../compare/maskSecrets";
import type { PlanValue } from "../values";

/** Shorter texts are words that stand everywhere. */
const SHORTEST = 6;

/** What looks like a secret wherever it stands, and what is kept of it. */
const PATTERNS: readonly (readonly [pattern: RegExp, kept: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, SECRET_MARK],
  [/(\/\/[^/\s:@]*:)[^/\s@]+@/g, `$1${SECRET_MARK}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${SECRET_MARK}`],
  [
    /\b((?:\w*[_-])?(?:password|passwd|passphrase|token|secret|api[_-]?key)["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;"'}]+)/gi,
    `$1${SECRET_MARK}`,
  ],
  [/\bK10[0-9a-f]{64}::\S+/g, SECRET_MARK],
];

/**
 * A text that a command or an engine said, without what is known to be a secret, and without what looks like one: what the engine
 * itself hides is hidden already, but it does not know of a value that only becomes a secret.
 */
export function scrub(text: string, secrets: readonly string[]): string {
  const known = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length)
    .reduce((all, secret) => all.replaceAll(secret, SECRET_MARK), text);
  return PATTERNS.reduce((all, [pattern, kept]) => all.replace(pattern, kept), known);
}

/** The texts of a value that were masked in it, each line of them too. */
export function maskedTexts(value: PlanValue, masked: PlanValue): string[] {
  if (masked === PLAIN_SECRET) return textsIn(value);
  if (typeof value !== "object" || value === null || typeof masked !== "object" || masked === null) return [];
  const inner = masked as Readonly<Record<string, PlanValue>>;
  return Object.entries(value as Readonly<Record<string, PlanValue>>).flatMap(([key, each]) =>
    maskedTexts(each, inner[key] ?? null),
  );
}

function textsIn(value: PlanValue): string[] {
  if (typeof value === "string") return [value, ...value.split("\n")];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
