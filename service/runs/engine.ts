import type { Stack } from "../../automation/stacks";
import type { ServedStack } from "../settings/serviceFile";

/** A module that opens stacks for a run's process: `pulumiEngine.ts`, or a test's own. */
export interface EngineModule {
  readonly openServedStack: (stack: ServedStack) => Promise<Pick<Stack, StackVerb>>;
}

/** What the service does with a stack. */
export type StackVerb = "preview" | "up" | "refresh" | "destroy" | "outputs" | "history" | "cancel";

/** A stack as the service uses it. */
export type UsedStack = Pick<Stack, StackVerb>;

/** Loads a module by its file: a run is told which one. */
export function loadEngine(file: string): EngineModule {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the file's name is data
  return require(file) as EngineModule;
}
