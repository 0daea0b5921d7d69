import { bare, isObject, isSecret, secret, type Value, type Values } from "./propertyValues";

/** `a.b[0]["c.d"].*` as its parts; `*` stands for every name. */
export function parsePath(path: string): string[] {
  const parts: string[] = [];
  for (const match of path.matchAll(/\[\s*("(?:[^"\\]|\\.)*"|\d+|\*)\s*\]|([^.[\]]+)/g)) {
    const [, inBrackets, bareName = ""] = match;
    if (inBrackets === undefined) parts.push(bareName);
    else parts.push(inBrackets.startsWith('"') ? (JSON.parse(inBrackets) as string) : inBrackets);
  }
  return parts;
}

/** Whether a change at `changed` concerns what `path` names: above it, at it or below it. */
export function concerns(path: string, changed: readonly (string | number)[]): boolean {
  const parts = parsePath(path);
  return parts.slice(0, changed.length).every((part, at) => part === "*" || part === String(changed[at]));
}

/** The new inputs with what `ignoreChanges` names taken from the old inputs. */
export function ignoring(paths: readonly string[], before: Values, after: Values): Values {
  return paths.reduce<Values>((inputs, path) => kept(parsePath(path), before, inputs) as Values, after);
}

function kept(parts: readonly string[], before: Value, after: Value): Value {
  const [name, ...rest] = parts;
  if (name === undefined) return before;
  if (isSecret(before) || isSecret(after)) {
    // What is secret as a whole stays so, whichever side its parts come from.
    const value = kept(parts, bare(before), bare(after));
    return value === undefined ? undefined : secret(value);
  }
  const [old, young] = [before, after];
  if (Array.isArray(young)) {
    const olds: readonly Value[] = Array.isArray(old) ? old : [];
    return young.map((item: Value, at) =>
      (name === "*" || name === String(at)) && at in olds ? kept(rest, olds[at], item) : item,
    );
  }
  // Nothing to keep below a value that has no properties, or is not there any more.
  if (!isObject(young)) return after;
  const olds = isObject(old) ? old : {};
  const result = { ...young };
  for (const each of name === "*" ? new Set([...Object.keys(olds), ...Object.keys(young)]) : [name]) {
    const value = kept(rest, olds[each], young[each]);
    if (value === undefined) delete result[each];
    else result[each] = value;
  }
  return result;
}
