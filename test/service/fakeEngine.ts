import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { StackError } from "../../automation/errors";
import type { StackEvent } from "../../automation/events";
import { Secret } from "../../config/secret";
import type { UsedStack } from "../../service/runs/engine";
import type { ServedStack } from "../../service/settings/serviceFile";

/**
 * What a fake stack does when something is asked of it, out of `script.json` in its project: lines are told as events, `hold` waits for a
 * file `go`, `busy` keeps the process from everything else, `leave` starts a process that stays, `kill` kills the process that runs it,
 * the others end it with an error.
 */
export type Step =
  | "hold"
  | "busy"
  | "leave"
  | "kill"
  | { readonly line: string }
  | { readonly error: "failed" | "locked"; readonly message: string };
export type Script = Readonly<Record<string, readonly Step[]>>;

/** An engine for the service's tests. What was begun and ended stands in the file `done` of the stack's project, a line each. */
export function openServedStack({ name, project }: ServedStack): Promise<UsedStack> {
  const done = (text: string): void => appendFileSync(join(project, "done"), `${text}\n`);
  type Options =
    | { readonly message?: string; readonly onEvent?: (event: StackEvent) => void; readonly signal?: AbortSignal }
    | undefined;
  const run = async (
    kind: string,
    options: Options,
    more = "",
  ): Promise<{ counts: { create: number }; seconds: number }> => {
    const script = JSON.parse(readFileSync(join(project, "script.json"), "utf8")) as Script;
    const cancelled = (error: unknown): never => {
      done(`cancelled ${kind}`);
      throw error;
    };
    done(`begin ${kind}${more}${options?.message === undefined ? "" : ` ${options.message}`}`);
    for (const step of script[kind] ?? []) {
      if (step === "hold") await held(join(project, "go"), options?.signal).catch(cancelled);
      else if (step === "busy") for (;;);
      else if (step === "leave") done(`left ${leftBehind()}`);
      else if (step === "kill") process.kill(process.pid, "SIGKILL");
      else if ("line" in step) options?.onEvent?.({ kind: "line", resource: undefined, text: step.line });
      else if (!existsSync(join(project, "unlocked"))) {
        throw new StackError(step.error, step.message, { remedy: "mend it" });
      }
    }
    options?.onEvent?.({ kind: "summary", changes: { create: 1 }, seconds: 2 });
    done(`end ${kind}`);
    return { counts: { create: 1 }, seconds: 2 };
  };
  // A large plan where a test wants one.
  const size = existsSync(join(project, "plan-mib")) ? Number(readFileSync(join(project, "plan-mib"), "utf8")) : 0;
  const content = `that plan${"x".repeat(size * 1024 * 1024)}`;
  const plan = { format: 1, stack: name, settings: "digest", content } as const;
  const stack = {
    preview: async (options: Options) => ({ ...(await run("preview", options)), changes: [], plan }),
    up: (options: Options & { readonly plan?: { readonly content: string } }) =>
      run("up", options, options.plan === undefined ? "" : ` ${options.plan.content}`),
    refresh: (options: Options) => run("refresh", options),
    destroy: (options: Options) => run("destroy", options),
    outputs: () => Promise.resolve({ apiEndpoint: "https://192.0.2.1:6443", kubeconfig: Secret.of("the kubeconfig") }),
    history: () =>
      Promise.resolve([
        { version: 1, operation: "up", result: "succeeded", start: new Date(0), changes: {}, message: "" },
      ]),
    cancel: () => Promise.resolve(appendFileSync(join(project, "unlocked"), "")),
  };
  return Promise.resolve(stack as unknown as UsedStack);
}

/** Starts what an engine is to a run: a process of its session that would go on for ever. Gives its id. */
function leftBehind(): number {
  const child = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], { stdio: "ignore" });
  return child.pid ?? Number.NaN;
}

function held(file: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const isCancelled = signal?.aborted === true;
      if (!existsSync(file) && !isCancelled) return;
      watcher.close();
      if (isCancelled) reject(new StackError("cancelled", "up was cancelled", { remedy: "run it again" }));
      else resolve();
    };
    const watcher = watch(join(file, ".."), look);
    signal?.addEventListener("abort", look);
    look();
  });
}
