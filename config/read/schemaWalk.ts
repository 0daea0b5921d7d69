import { z } from "zod";
import { unwrap } from "../schema/scalars";
import { didYouMean } from "../schema/didYouMean";
import { pathText, type Problem } from "../problem";
import { isGroup, isSealed } from "../schema/secretPaths";
import { missing, sealedOutside, unknownKey, valueProblem } from "./schemaProblems";

type Path = readonly (string | number)[];

/** What could be read of settings that do not fit the schema. */
export interface Walked {
  /** The valid parts, with defaults; whatever was broken is undefined. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Paths (as {@link pathText}) of what is broken: nothing may be concluded from what stands there. */
  readonly broken: ReadonlySet<string>;
}

/**
 * Reads settings piece by piece along the schema, so that one broken value hides nothing of the rest. zod alone gives
 * either a value or a list of issues, and its issues know neither the neighbouring keys nor the value that was found.
 */
export function walkSchema(schema: z.ZodType, raw: unknown): Walked {
  const problems: Problem[] = [];
  const broken = new Set<string>();

  const fail = (path: Path, found: readonly Problem[]): undefined => {
    problems.push(...found);
    broken.add(pathText(path));
    return undefined;
  };

  const walk = (wrapped: z.ZodType, found: unknown, path: Path): unknown => {
    const inner = unwrap(wrapped);
    if (isSealed(found)) return fail(path, [sealedOutside(path)]);
    if (found === undefined) {
      const parsed = wrapped.safeParse(undefined);
      return parsed.success ? parsed.data : fail(path, [missing(inner, wrapped, path)]);
    }
    if (inner instanceof z.ZodObject && isGroup(found)) return walkObject(inner, found, path);
    if (inner instanceof z.ZodArray && Array.isArray(found)) return walkArray(inner, found, path);
    if (inner instanceof z.ZodRecord && isGroup(found)) return walkRecord(inner, found, path);
    if (inner instanceof z.ZodDiscriminatedUnion && isGroup(found)) return walkUnion(inner, found, path);
    if (inner instanceof z.ZodUnknown) return walkUnknown(found, path);
    const parsed = wrapped.safeParse(found);
    return parsed.success ? parsed.data : fail(path, [valueProblem(inner, found, path, parsed.error)]);
  };

  const walkObject = (schema: z.ZodObject, found: Record<string, unknown>, path: Path): unknown => {
    const known = Object.keys(schema.shape);
    const meant = new Set<string>();
    for (const key of Object.keys(found)) {
      if (Object.hasOwn(schema.shape, key)) continue;
      const { remedy, path: meantPath } = didYouMean(path, key, known);
      problems.push(unknownKey(path, key, remedy));
      if (meantPath === undefined) continue;
      const near = String(meantPath.at(-1));
      if (pathText(meantPath) !== pathText([...path, near])) broken.add(pathText(meantPath));
      else if (!Object.hasOwn(found, near)) meant.add(near);
    }
    return Object.fromEntries(
      known.map((key) => {
        const at = [...path, key];
        if (meant.has(key)) {
          broken.add(pathText(at));
          return [key, fieldOf(schema, key)?.safeParse(undefined).data];
        }
        return [key, walk(fieldOf(schema, key) ?? z.unknown(), Object.hasOwn(found, key) ? found[key] : undefined, at)];
      }),
    );
  };

  const walkArray = (schema: z.ZodArray, found: readonly unknown[], path: Path): unknown => {
    const element = schema.element as z.ZodType;
    const value = found.map((each, index) => walk(element, each ?? null, [...path, index]));
    const own = schema.safeParse(found).error?.issues.filter((issue) => issue.path.length === 0) ?? [];
    return own.length === 0 ? value : fail(path, [valueProblem(schema, found, path, new z.ZodError(own))]);
  };

  const walkRecord = (schema: z.ZodRecord, found: Record<string, unknown>, path: Path): unknown => {
    const names = schema.keyType as z.ZodType;
    const known = names instanceof z.ZodEnum ? names.options.map(String) : undefined;
    const entries: [string, unknown][] = [];
    for (const [name, each] of Object.entries(found)) {
      const at = [...path, name];
      const checked = names.safeParse(name);
      if (checked.success) entries.push([name, walk(schema.valueType as z.ZodType, each, at)]);
      else if (known !== undefined) problems.push(unknownKey(path, name, didYouMean(path, name, known).remedy));
      else fail(at, [valueProblem(names, name, at, checked.error)]);
    }
    return Object.fromEntries(entries);
  };

  const walkUnion = (schema: z.ZodDiscriminatedUnion, found: Record<string, unknown>, path: Path): unknown => {
    const tag = schema.def.discriminator;
    const options = schema.options as readonly z.ZodObject[];
    const option = options.find((each) => fieldOf(each, tag)?.safeParse(found[tag]).success === true);
    if (option !== undefined) return walkObject(option, found, path);
    const tags = z.enum(options.flatMap((each) => [...((each.shape[tag] as z.ZodLiteral).values as Set<string>)]));
    const at = [...path, tag];
    const problem = Object.hasOwn(found, tag)
      ? valueProblem(tags, found[tag], at, tags.safeParse(found[tag]).error)
      : missing(tags, tags, at);
    broken.add(pathText(path));
    return fail(at, [problem]);
  };

  const walkUnknown = (found: unknown, path: Path): unknown => {
    if (isSealed(found)) return fail(path, [sealedOutside(path)]);
    if (Array.isArray(found)) return found.map((each, index) => walkUnknown(each, [...path, index]));
    if (!isGroup(found)) return found;
    return Object.fromEntries(Object.entries(found).map(([name, each]) => [name, walkUnknown(each, [...path, name])]));
  };

  const value = walk(schema, raw, []);
  return { value, problems, broken };
}

/** zod types an object's fields as `any` where the object is not known. */
function fieldOf(schema: z.ZodObject, key: string): z.ZodType | undefined {
  return (schema.shape as Record<string, z.ZodType>)[key];
}
