import { diffArrays } from "diff";
import { isAsset } from "./asset";
import { bare, isObject, isSecret, UNKNOWN, type Value } from "./propertyValues";

/** One property that differs: where, and from what to what. `undefined` on a side means that it is not there. */
export interface Change {
  readonly path: readonly (string | number)[];
  readonly before: Value;
  readonly after: Value;
  readonly secret: boolean;
}

/** What differs between two property values, leaf by leaf. Whether a value is secret is not itself a difference. */
export function changesBetween(
  before: Value,
  after: Value,
  path: readonly (string | number)[] = [],
  inSecret = false,
): Change[] {
  const hidden = inSecret || isSecret(before) || isSecret(after);
  const [old, young] = [bare(before), bare(after)];
  // A file is its content: where it lies is another place on every machine.
  if (isAsset(old) && isAsset(young) && old.hash === young.hash) return [];
  if (isObject(old) && isObject(young)) {
    const names = [...new Set([...Object.keys(old), ...Object.keys(young)])].sort();
    return names.flatMap((name) => changesBetween(old[name], young[name], [...path, name], hidden));
  }
  if (Array.isArray(old) && Array.isArray(young)) {
    const length = Math.max(old.length, young.length);
    return Array.from({ length }, (_, at) => changesBetween(old[at], young[at], [...path, at], hidden)).flat();
  }
  // Null and absent are the same to a provider.
  if (old === young || (old ?? undefined) === (young ?? undefined)) return [];
  return [{ path, before: old, after: young, secret: hidden }];
}

/** A path as Pulumi writes it: `spec.ports[0].port`, `metadata.annotations["a.b/c"]`. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((part, at) => {
      if (typeof part === "number") return `[${part}]`;
      return /^[A-Za-z_$][\w$-]*$/.test(part) ? `${at > 0 ? "." : ""}${part}` : `[${JSON.stringify(part)}]`;
    })
    .join("");
}

/** A change as lines for a person: texts of several lines as a line diff, secrets as `[secret]`. */
export function changeLines(change: Change): string[] {
  const name = pathText(change.path);
  if (change.secret) return [`~ ${name}: [secret] => [secret]`];
  const { before, after } = change;
  if (typeof before === "string" && typeof after === "string" && `${before}${after}`.trimEnd().includes("\n")) {
    return [`~ ${name}:`, ...lineDiff(before, after).map((line) => `  ${line}`)];
  }
  if (before === undefined) return [`+ ${name}: ${valueText(after)}`];
  if (after === undefined) return [`- ${name}: ${valueText(before)}`];
  return [`~ ${name}: ${valueText(before)} => ${valueText(after)}`];
}

function valueText(value: Value): string {
  if (value === UNKNOWN) return "[unknown]";
  const hide = (_: string, item: Value): Value => (isSecret(item) ? "[secret]" : item === UNKNOWN ? "[unknown]" : item);
  const hidden = JSON.stringify(value, hide);
  return hidden.length > 200 ? `${hidden.slice(0, 200)}…` : hidden;
}

/** Line diff with up to `context` equal lines around what changed. */
export function lineDiff(before: string, after: string, context = 2): string[] {
  const isEnded = before.endsWith("\n") && after.endsWith("\n");
  const linesOf = (text: string) => (isEnded ? text.slice(0, -1) : text).split("\n");
  const lines = diffArrays(linesOf(before), linesOf(after)).flatMap(({ added, removed, value }) => {
    return value.map((text) => ({ isSame: !added && !removed, line: `${added ? "+" : removed ? "-" : " "} ${text}` }));
  });
  const isNearChange = (at: number) => lines.slice(Math.max(0, at - context), at + context + 1).some((l) => !l.isSame);
  return lines.flatMap(({ line }, at) => {
    if (isNearChange(at)) return [line];
    return at > 0 && isNearChange(at - 1) && lines.slice(at).some((l) => !l.isSame) ? ["  …"] : [];
  });
}
