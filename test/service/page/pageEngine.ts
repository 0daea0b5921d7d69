import { existsSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StackEvent } from "../../../automation/events";
import { openTestStack, TestBackend } from "../../../automation/testing/testStack";
import { openSource } from "../../../operate/openStack";
import { findProject, readStackFile } from "../../../plan/run/stackFiles";
import type { UsedStack } from "../../../service/runs/engine";
import type { ServedStack } from "../../../service/settings/serviceFile";

/** What a test has a stack do, in `script.json` of its project. */
export interface PageScript {
  /** Name of the resource before whose step it waits for a file `go`. */
  readonly hold?: string;
  /** As of a test stack: what fails, with the lines that are printed. */
  readonly failures?: Readonly<Record<string, string>>;
  /** Printed when something is done on a host. */
  readonly line?: string;
}

type Options = { readonly onEvent?: (event: StackEvent) => void } | undefined;

/** The whole program in memory, with a state that stays: what a run leaves is there for the next one. */
export async function openServedStack({ name, project: start }: ServedStack): Promise<UsedStack> {
  const project = findProject(start);
  const file = { project: project.name, stack: name, directory: project.directory, ...readStackFile(project, name) };
  const { raw } = await openSource(file, { PULUMI_CONFIG_PASSPHRASE: "correct horse" });
  const read = (what: string): unknown => JSON.parse(readFileSync(join(start, what), "utf8"));
  const { failures = {}, hold, line } = read("script.json") as PageScript;
  const backend = new TestBackend();
  if (existsSync(join(start, "state.json"))) {
    Object.assign(backend.create(name), read("state.json"), { drift: new Map() });
  }
  const stack = openTestStack({
    ...{ name, settings: raw, backend, failures },
    beforeStep: ({ resource }) => (resource.name === hold ? there(join(start, "go")) : undefined),
  });
  const run =
    <Result>(operation: (options: Options) => Promise<Result>) =>
    async (options: Options): Promise<Result> => {
      const onEvent = (event: StackEvent): void => {
        options?.onEvent?.(event);
        if (line === undefined || event.kind !== "step" || event.phase !== "started") return;
        const { resource } = event;
        if (resource.node !== resource.name || !resource.type.startsWith("command:")) return;
        options?.onEvent?.({ kind: "line", resource, text: line });
      };
      try {
        return await operation({ ...options, onEvent });
      } finally {
        const state = backend.stateOf(name);
        if (state !== undefined) {
          writeFileSync(join(start, "state.json"), JSON.stringify({ ...state, lockedBy: undefined, drift: undefined }));
        }
      }
    };
  return {
    preview: run((options) => stack.preview(options)),
    up: run((options) => stack.up(options)),
    refresh: run((options) => stack.refresh(options)),
    destroy: run((options) => stack.destroy(options)),
    outputs: (options) => stack.outputs(options),
    history: (options) => stack.history(options),
    cancel: () => stack.cancel(),
  } as UsedStack;
}

/** Waits for a file. */
function there(file: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(join(file, ".."), look);
    look();
  });
}
