import { SECRET_MARK } from "../config/secret";

/** Shorter texts would blot out ordinary words, and are no secrets. */
const SHORTEST = 4;
const SHORTEST_LINE = 12;

/** A function that blots out secrets in whatever text leaves the library. Several lines are also found one by one. */
export function maskOf(secrets: readonly string[]): (text: string) => string {
  const wanted = [...new Set(secrets.flatMap(pieces))].sort((one, other) => other.length - one.length);
  return (text) => wanted.reduce((masked, secret) => masked.replaceAll(secret, SECRET_MARK), text);
}

function pieces(secret: string): string[] {
  const text = secret.trim();
  if (text.length < SHORTEST) return [];
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE && !line.startsWith("-----"));
  return text.includes("\n") ? [text, ...lines] : [text];
}
