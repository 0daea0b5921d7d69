import { join } from "node:path";
import type { groundwork } from "../index";
import type { planNode } from "../components/k3s/nodePlan";
import type { loadSettings } from "../config/load";
import type { stackFileSource } from "../config/stackFile";
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

/** The files that make a directory a program that can be planned. */
export const PROGRAM_FILES = [
  "index",
  "config/stackFile",
  "config/load",
  "inventory/inventory",
  "components/k3s/nodePlan",
];

/**
 * Loads the program in a directory: this one, or another revision of it. All of it comes from there, so that a plan of
 * an old revision is what that revision would have done.
 */
export function loadProgram(root: string): Program {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- which revision is known when it runs
  const load = (path: string): object => require(join(root, path)) as object;
  return Object.assign({}, ...PROGRAM_FILES.map(load)) as Program;
}
