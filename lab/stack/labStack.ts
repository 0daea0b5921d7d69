import { planDiffers, type ResourceFailure, StackError, stackErrorOf } from "../../automation/errors";
import type * as operations from "../../automation/operations";
import { type ClusterOutputs, revealableOutputs } from "../../automation/outputs";
import { contentOfPlan, stackPlan, type Planned } from "../../automation/plan";
import { differencesFrom, plannedSteps } from "../../automation/plannedSteps";
import { resourceName, type ResourceName } from "../../automation/resourceName";
import { start } from "../../automation/running";
import type { Stack } from "../../automation/stack";
import { SECRET_MARK } from "../../config/secret";
import { withLabEngine } from "../apply";
import { DeploymentFailed, type LabEngine, type LabResult } from "../engine/engine";
import type { Named, Watcher } from "../engine/progress";
import { stackName } from "../naming";
import type { LabPaths } from "../paths";
import { changesIn, stepsIn } from "./labPlan";
import { openStackConfig } from "./stackConfig";

/** What the lab engine can do of a stack; it has no history, cannot refresh, and its state is its own. */
export type LabStack = Pick<Stack, "name" | "preview" | "up" | "destroy" | "outputs" | "cancel">;

/** Opens a lab's stack on the lab engine as `openStack` opens one on Pulumi's: for what is written against a {@link Stack}. */
export function openLabStack(paths: LabPaths, lab: string): LabStack {
  const name = stackName(lab);
  const running = new Set<operations.RunningOperation<unknown>>();
  const planned = (): Planned => {
    const settings = Object.entries(openStackConfig(paths)).filter(([, { secret }]) => !secret);
    return { stack: name, settings: Object.fromEntries(settings.map(([key, { value }]) => [key, value])) };
  };

  const operate = <T>(
    operation: string,
    options: operations.OperationOptions,
    work: (engine: LabEngine, end: (result: LabResult) => operations.OperationResult) => Promise<T>,
  ): operations.RunningOperation<T> => {
    const started = start(options, async ({ tell, signal }) => {
      const watcher: Watcher = {
        tell: (event) => tell({ ...event, resource: named(event.resource) }),
        signal,
      };
      const end = ({ operations: done, durationMs }: LabResult): operations.OperationResult => {
        const counts: Record<string, number> = {};
        for (const { operation: each } of done) counts[each] = (counts[each] ?? 0) + 1;
        const seconds = Math.round(durationMs / 1000);
        tell({ kind: "summary", changes: counts, seconds });
        return { counts: counts, seconds };
      };
      try {
        signal.throwIfAborted();
        return await withLabEngine(paths, lab, { print: () => undefined, watcher }, (engine) => work(engine, end));
      } catch (error) {
        const failures = error instanceof DeploymentFailed ? error.failures.map(failureOf) : [];
        for (const { resource, lines } of failures) {
          tell({ kind: "problem", severity: "error", resource, text: lines.join("\n") });
        }
        const mask = (text: string): string => text;
        throw stackErrorOf({
          operation,
          stack: name,
          error,
          cancelled: signal.aborted,
          failures,
          errorLines: [],
          mask,
        });
      }
    });
    running.add(started);
    const ended = (): void => void running.delete(started);
    started.then(ended, ended);
    return started;
  };

  return {
    name,
    preview: (options = {}) =>
      operate("preview", options, async (engine, end) => {
        const result = await engine.preview();
        const { counts } = end(result);
        return {
          counts,
          changes: changesIn(result.steps),
          plan: stackPlan(planned(), plannedSteps(stepsIn(result.steps))),
        };
      }),
    up: ({ plan: approved, ...options } = {}) =>
      operate("up", options, async (engine, end) => {
        if (approved !== undefined) {
          const content = contentOfPlan(approved, planned());
          const differences = differencesFrom(content, stepsIn((await engine.preview()).steps));
          if (differences.length > 0) throw planDiffers(name, differences);
        }
        const result = await engine.up();
        return { ...end(result), outputs: revealableOutputs(result.outputs) as ClusterOutputs };
      }),
    destroy: (options = {}) => operate("destroy", options, async (engine, end) => end(await engine.destroy())),
    outputs: ({ showSecrets = false } = {}) =>
      operate("outputs", {}, (engine) => {
        const outputs = Object.entries(engine.outputs()).map(([key, output]) => [
          key,
          output.secret && !showSecrets ? { value: SECRET_MARK, secret: false } : output,
        ]);
        return Promise.resolve(
          revealableOutputs(Object.fromEntries(outputs) as Parameters<typeof revealableOutputs>[0]),
        );
      }),
    cancel: async () => {
      if (running.size === 0) {
        const remedy = "it knows by itself when the process that has a stack is gone";
        throw new StackError("failed", "the lab engine leaves no lock behind", { remedy });
      }
      await Promise.all([...running].map((each) => each.cancel()));
    },
  };
}

function named({ urn, parent }: Named): ResourceName {
  return resourceName(urn, parent);
}

function failureOf({ urn, message }: Named & { readonly message: string }): ResourceFailure {
  return { resource: resourceName(urn), lines: message.split("\n") };
}
