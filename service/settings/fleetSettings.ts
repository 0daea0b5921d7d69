import { z } from "zod";
import { FLEET_AT_ONCE, wavesOf } from "../../automation/waves";
import { pathText, type Problem } from "../../config/problem";
import { globExpression } from "./glob";

const patterns = z.array(z.string().min(1)).min(1);
const size = z.union([
  z.number().int().min(1),
  z
    .string()
    .regex(/^(100|\d{1,2})(\.\d+)?%$/, "is no number of stacks and no share such as 10%")
    .transform((text) => text as `${number}%`),
]);

export const fleetsSchema = z
  .record(
    z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/, "is not a fleet's name"),
    z.strictObject({
      waves: z.array(patterns).min(1).optional(),
      stacks: patterns.optional(),
      sizes: z.array(size).default([1, "10%", "50%"]),
      atOnce: z.number().int().min(1).max(64).default(FLEET_AT_ONCE),
      mayFail: z.number().int().min(0).default(0),
      gate: z
        .strictObject({ command: z.array(z.string()).min(1), seconds: z.number().int().min(1).max(3600).default(300) })
        .optional(),
    }),
  )
  .default({});

/** What is asked of each stack after its change. */
export interface FleetGate {
  /** A program and its arguments; `{stack}` stands for the stack's name. 0: all is well. */
  readonly command: readonly string[];
  readonly seconds: number;
}

/** Stacks that are changed together, in waves. */
export interface Fleet {
  readonly name: string;
  readonly waves: readonly (readonly string[])[];
  readonly atOnce: number;
  readonly mayFail: number;
  readonly gate: FleetGate | undefined;
}

type Given = z.output<typeof fleetsSchema>[string];

/** The fleets of a service's file, with the stacks that their patterns match, and what is wrong with them. */
export function completeFleets(
  given: z.output<typeof fleetsSchema>,
  stacks: readonly string[],
): { readonly fleets: ReadonlyMap<string, Fleet>; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const fleets = Object.entries(given).map(([name, fleet]): [string, Fleet] => {
    const { atOnce, mayFail, gate } = fleet;
    return [name, { name, waves: wavesIn(fleet, { path: ["fleets", name], stacks, problems }), atOnce, mayFail, gate }];
  });
  return { fleets: new Map(fleets), problems };
}

interface Place {
  readonly path: readonly string[];
  readonly stacks: readonly string[];
  readonly problems: Problem[];
}

function wavesIn({ waves, stacks: members, sizes }: Given, place: Place): string[][] {
  if ((waves === undefined) === (members === undefined)) {
    const problem = waves === undefined ? "has no stacks" : "has waves and stacks";
    const remedy = "give 'waves' with the stacks of each, or 'stacks' that are divided by 'sizes'";
    place.problems.push({ path: pathText(place.path), problem, remedy });
    return [];
  }
  if (members !== undefined) return wavesOf(named([members], ["stacks"], place).flat(), sizes);
  return named(waves ?? [], ["waves"], place);
}

/** The stacks of lists of names and globs. A glob takes what no name takes, and what no glob before it has taken. */
function named(lists: readonly (readonly string[])[], field: readonly string[], place: Place): string[][] {
  const { stacks, problems } = place;
  const isGlob = (text: string): boolean => text.includes("*");
  const exact = new Set(lists.flat().filter((text) => !isGlob(text)));
  const taken = new Set<string>();
  return lists.map((list, wave) =>
    list.flatMap((text, at) => {
      const all = stacks.filter((stack) => (isGlob(text) ? globExpression(text).test(stack) : stack === text));
      const found = all.filter((stack) => !taken.has(stack) && (!isGlob(text) || !exact.has(stack)));
      for (const stack of found) taken.add(stack);
      if (found.length === 0) {
        const path = pathText([...place.path, ...field, ...(field[0] === "waves" ? [wave, at] : [at])]);
        const what = isGlob(text) ? "matches no stack of the service" : "is no stack of the service";
        const problem = `'${text}' ${all.length === 0 ? what : "adds no stack that is not there already"}`;
        problems.push({ path, problem, remedy: "name each stack once, by its name in 'stacks' or by a glob" });
      }
      return found;
    }),
  );
}
