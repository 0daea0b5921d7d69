import { globExpression } from "../settings/glob";

/** What a claim may be: exactly this, or what a glob matches. */
export type ClaimPattern = string | { readonly glob: string };

/** Longer ones match no glob: nobody has such names, and a pattern takes long with them. */
const LONGEST = 500;

/** Whether a token's claims have all that is wanted; of several patterns for a claim one is enough, and of a list one element. Pure. */
export function claimsMatch(
  claims: Readonly<Record<string, unknown>>,
  wanted: ReadonlyMap<string, readonly ClaimPattern[]>,
): boolean {
  return [...wanted].every(([name, patterns]) => {
    const values = valuesOf(name.startsWith("/") ? pointed(claims, name) : own(claims, name));
    return values.some((value) => patterns.some((pattern) => matches(value, pattern)));
  });
}

function matches(value: string, pattern: ClaimPattern): boolean {
  if (typeof pattern === "string") return value === pattern;
  return value.length <= LONGEST && globExpression(pattern.glob).test(value);
}

function valuesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => (Array.isArray(one) ? [] : valuesOf(one)));
  if (typeof value === "string") return [value];
  // GitHub and GitLab have "true" and "42" where others have true and 42.
  return typeof value === "number" || typeof value === "boolean" ? [String(value)] : [];
}

/** What a JSON Pointer (RFC 6901) leads to: `/kubernetes.io/namespace`. */
function pointed(claims: unknown, pointer: string): unknown {
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>(own, claims);
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
