/** The part of kubectl's JSONPath that scripts use: texts, paths, `[*]`, indices, filters by one comparison, and range. */

type Step =
  | { readonly key: string }
  | { readonly index: number }
  | { readonly all: true }
  | { readonly filter: { readonly path: readonly Step[]; readonly same: boolean; readonly value: string } };

export class JsonPathError extends Error {}

export function jsonPath(template: string, root: unknown): string {
  const pieces = piecesOf(template);
  const [text, rest] = render(pieces, root);
  if (rest.length > 0) throw new JsonPathError(`an {end} too many in ${template}`);
  return text;
}

/** The values that a path such as `.metadata.name` finds. */
export function valuesAt(path: string, root: unknown): unknown[] {
  return follow(stepsOf(path), root);
}

type Piece = { readonly literal: string } | { readonly expression: string };

function piecesOf(template: string): Piece[] {
  const pieces: Piece[] = [];
  // An expression may have braces only in strings.
  const pattern = /\{((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^{}"'])*)\}|([^{]+)/gy;
  while (pattern.lastIndex < template.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(template);
    if (match === null) throw new JsonPathError(`cannot read ${template} from ${template.slice(at)}`);
    pieces.push(match[2] === undefined ? { expression: match[1]!.trim() } : { literal: match[2] });
  }
  return pieces;
}

function render(pieces: readonly Piece[], root: unknown): [string, readonly Piece[]] {
  let text = "";
  let rest = pieces;
  while (rest.length > 0) {
    const [piece, ...others] = rest;
    rest = others;
    if ("literal" in piece!) text += piece.literal;
    else if (piece!.expression === "end") return [text, [{ expression: "end" }, ...rest]];
    else if (piece!.expression.startsWith("range ")) {
      const items = follow(stepsOf(piece!.expression.slice(6).trim()), root);
      // Read over once even where there is no item.
      let after = render(rest, undefined)[1];
      for (const item of items) {
        const [inner, left] = render(rest, item);
        text += inner;
        after = left;
      }
      if (after.length === 0) throw new JsonPathError("a range without {end}");
      rest = after.slice(1);
    } else if (/^["']/.test(piece!.expression)) {
      text += JSON.parse(piece!.expression.replace(/^'(.*)'$/s, '"$1"')) as string;
    } else {
      text += follow(stepsOf(piece!.expression), root).map(show).join(" ");
    }
  }
  return [text, []];
}

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  let rest = path.replace(/^[@$]/, "");
  while (rest !== "" && rest !== ".") {
    const key = /^\.((?:\\.|[^.[\\])+)/.exec(rest);
    const quoted = /^\[['"]([^'"]*)['"]\]/.exec(rest);
    const index = /^\[(-?\d+|\*)\]/.exec(rest);
    const filter = /^\[\?\(@((?:\\.|[^=!()\s])+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([\w.]+))\)\]/.exec(rest);
    if (key !== null) steps.push({ key: key[1]!.replaceAll(/\\(.)/g, "$1") });
    else if (quoted !== null) steps.push({ key: quoted[1]! });
    else if (index !== null) steps.push(index[1] === "*" ? { all: true } : { index: Number(index[1]) });
    else if (filter !== null) {
      const value = filter[3] ?? filter[4] ?? filter[5] ?? "";
      steps.push({ filter: { path: stepsOf(filter[1]!), same: filter[2] === "==", value } });
    } else throw new JsonPathError(`cannot read the path ${path} from ${rest}`);
    rest = rest.slice((key ?? quoted ?? index ?? filter)![0].length);
  }
  return steps;
}

function follow(steps: readonly Step[], root: unknown): unknown[] {
  let found: unknown[] = root === undefined ? [] : [root];
  for (const step of steps) {
    found = found.flatMap((value): unknown[] => {
      if (value === null || typeof value !== "object") return [];
      const list = Array.isArray(value) ? (value as unknown[]) : Object.values(value);
      if ("all" in step) return list;
      if ("index" in step) return list.slice(step.index).slice(0, 1);
      if ("key" in step) {
        const inner = (value as Record<string, unknown>)[step.key];
        return inner === undefined || inner === null ? [] : [inner];
      }
      const { path, same, value: wanted } = step.filter;
      return list.filter((item) => follow(path, item).some((one) => String(one) === wanted) === same);
    });
  }
  return found;
}
