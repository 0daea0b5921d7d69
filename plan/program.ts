import { existsSync } from "node:fs";
import { join } from "node:path";
import type { groundwork } from "../index";
import type { planNode } from "../components/k3s/nodePlan";
import type { loadSettings } from "../config/read/load";
import type { stackFileSource } from "../config/read/stackFile";
import type { buildInventory } from "../inventory/inventory";

/** The functions of a program that a plan is made with. */
export interface Program {
  readonly groundwork: typeof groundwork;
  readonly stackFileSource: typeof stackFileSource;
  readonly loadSettings: typeof loadSettings;
  readonly buildInventory: typeof buildInventory;
  readonly planNode: typeof planNode;
}

/** Where this very program lies: a checkout, or dist/ of the published package. */
export const OWN_PROGRAM = join(__dirname, "..");

/** The files that make a directory a program that can be planned: each where it is now, and where it was before. */
export const PROGRAM_FILES: readonly (readonly string[])[] = [
  ["index"],
  ["config/read/stackFile", "config/stackFile"],
  ["config/read/load", "config/load"],
  ["inventory/inventory"],
  ["components/k3s/nodePlan"],
];

/**
 * Loads the program in a directory: this one, or another revision of it. All of it comes from there, so that a plan of
 * an old revision is what that revision would have done.
 */
export function loadProgram(root: string): Program {
  const load = (places: readonly string[]): object => {
    const place = placeIn(root, places) ?? places[0] ?? "";
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- which revision is known when it runs
    return require(join(root, place)) as object;
  };
  return Object.assign({}, ...PROGRAM_FILES.map(load)) as Program;
}

/** The first of a file's places that a program has, as sources or built; undefined when it has none of them. */
export function placeIn(root: string, places: readonly string[]): string | undefined {
  return places.find((place) => [".ts", ".js"].some((extension) => existsSync(join(root, `${place}${extension}`))));
}
