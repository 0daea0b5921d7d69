import type { EngineEvent, PulumiFn } from "@pulumi/pulumi/automation";
import { ChangeReader } from "./changes";
import type { Deployment, ImportOptions, ImportResult } from "./deployment";
import { stackErrorOf } from "./errors";
import { EventReader, type StackEvent } from "./events";
import { checkedLimit, numbered, readHistory, type HistoryEntry, type HistoryOptions } from "./history";
import type * as operations from "./operations";
import { revealableOutputs, sealedOutputs, type ClusterOutputs } from "./outputs";
import { contentOfPlan, stackPlan } from "./plan";
import { asPlanned, engineFile, openPlan, readPlan, writePlan, type PlanContent } from "./plannedRun";
import { checkSettings, programOf, type Given } from "./program";
import { start, type Running } from "./running";
import type { Stack } from "./stack";
import { exportState, importState } from "./stateMoves";
import { inWorkspace, shortName, type StackPlace, type WorkspaceOptions } from "./workspace";

/** What openStack has made of its options. */
export interface ClusterStackArgs {
  readonly place: StackPlace;
  /** Secrets as `Secret`; undefined when none were given. */
  readonly settings: Readonly<Record<string, unknown>> | undefined;
  readonly mask: (text: string) => string;
}

/** The SDK's own options that every run takes. */
type RunOptions = {
  readonly onEvent: (event: EngineEvent) => void;
  readonly signal: AbortSignal;
  readonly color: "never";
  readonly suppressProgress: true;
  readonly userAgent: string;
};

/** A stack on Pulumi's engine, opened with {@link openStack}. {@link Stack} tells what its operations are. */
export class ClusterStack implements Stack {
  readonly name: string;
  readonly #args: ClusterStackArgs;
  readonly #running = new Set<operations.RunningOperation<unknown>>();

  constructor(args: ClusterStackArgs) {
    this.name = args.place.name;
    this.#args = args;
  }

  /** Needs the passphrase of the stack, and no host. */
  preview(options: operations.OperationOptions = {}): operations.RunningOperation<operations.PreviewResult> {
    const changes = new ChangeReader();
    return this.#start("preview", options, async (reader, run, tell) => {
      const { place } = this.#args;
      const program = this.#program(tell);
      const onEvent = (event: EngineEvent): void => {
        changes.read(event);
        run.onEvent(event);
      };
      return inWorkspace(place, { whenMissing: "ephemeral", program }, async (work) => {
        run.signal.throwIfAborted();
        await work.stack.preview({ ...run, onEvent, plan: engineFile(work.directory) });
        const plan = stackPlan(this.#planned, await readPlan(work, place));
        return { changes: changes.changes, counts: reader.summary.changes, plan };
      });
    });
  }

  up({ plan, ...options }: operations.UpOptions = {}): operations.RunningOperation<operations.UpResult> {
    return this.#start("up", options, async (reader, run, tell) => {
      const program = this.#program(tell);
      const { message } = options;
      const upWith = async (how: Partial<WorkspaceOptions>, planned?: PlanContent): Promise<operations.UpResult> =>
        inWorkspace(this.#args.place, { whenMissing: "create", ...how, program }, async ({ stack, directory }) => {
          const file = planned === undefined ? undefined : await writePlan(directory, planned);
          run.signal.throwIfAborted();
          const { outputs } = await stack.up({ ...run, plan: file, message, showSecrets: false });
          return { outputs: revealableOutputs(outputs) as ClusterOutputs, ...done(reader) };
        });
      if (plan === undefined) return upWith({});
      const planned = openPlan(contentOfPlan(plan, this.#planned), this.name);
      const { encryption, stackWasThere } = planned;
      const how = { whenMissing: stackWasThere ? "fail" : "create", encryption } as const;
      return asPlanned(this.name, async () => upWith(how, planned));
    });
  }

  /** With settings, the program runs, and opens the way to the cluster's API where that leads through SSH. */
  refresh(options: operations.RecordedOptions = {}): operations.RunningOperation<operations.RefreshResult> {
    return this.#start("refresh", options, async (reader, run, tell) => {
      const program = this.#args.settings === undefined ? undefined : this.#program(tell);
      return inWorkspace(this.#args.place, { whenMissing: "fail", program }, async ({ stack }) => {
        run.signal.throwIfAborted();
        const runProgram = program !== undefined;
        await stack.refresh({ ...run, runProgram, message: options.message, showSecrets: false });
        return done(reader);
      });
    });
  }

  destroy(options: operations.DestroyOptions = {}): operations.RunningOperation<operations.DestroyResult> {
    return this.#start("destroy", options, async (reader, run) =>
      inWorkspace(this.#args.place, { whenMissing: "fail" }, async (work) => {
        run.signal.throwIfAborted();
        await work.stack.destroy({ ...run, message: options.message, showSecrets: false });
        if (options.remove === true) await work.run(["stack", "rm", "--yes"]);
        return done(reader);
      }),
    );
  }

  /** Without `showSecrets` it needs no passphrase, and the secrets are sealed. */
  async outputs(options: operations.OutputsOptions = {}): Promise<Partial<ClusterOutputs>> {
    return this.#start("outputs", {}, async () =>
      inWorkspace(this.#args.place, { whenMissing: "fail" }, async ({ stack, run }) => {
        if (options.showSecrets === true) return revealableOutputs(await stack.outputs());
        return sealedOutputs(await run(["stack", "output", "--json"]));
      }),
    );
  }

  /** Needs no passphrase. */
  async history(options: HistoryOptions = {}): Promise<readonly HistoryEntry[]> {
    return this.#start("history", {}, async () => {
      const limit = checkedLimit(options);
      return inWorkspace(this.#args.place, { whenMissing: "fail" }, async ({ run }) => {
        const newest = async (count: number): Promise<HistoryEntry[]> =>
          readHistory(await run(["stack", "history", "--json", "--page-size", String(count)]), this.#args.mask);
        const entries = await newest(limit ?? 0);
        if (entries.every(({ version }) => version > 0)) return entries;
        return numbered(limit === undefined ? entries : await newest(0)).slice(0, limit);
      });
    });
  }

  async export(): Promise<Deployment> {
    return this.#start("export", {}, async () => inWorkspace(this.#args.place, { whenMissing: "fail" }, exportState));
  }

  /** Needs the passphrase that the state's secrets are encrypted with. */
  async import(deployment: Deployment, options: ImportOptions = {}): Promise<ImportResult> {
    return this.#start("import", {}, async () => importState(this.#args.place, deployment, options));
  }

  async cancel(): Promise<void> {
    if (this.#running.size > 0) {
      await Promise.all([...this.#running].map(async (operation) => operation.cancel()));
      return;
    }
    await this.#start("cancel", {}, async () =>
      inWorkspace(this.#args.place, { whenMissing: "fail" }, async ({ run }) => {
        await run(["cancel", "--yes"]);
      }),
    );
  }

  get #given(): Given {
    const { settings, place, mask } = this.#args;
    return { settings, stack: shortName(place.name), mask };
  }

  /** What a plan belongs to. */
  get #planned(): { readonly stack: string; readonly settings: Readonly<Record<string, unknown>> } {
    return { stack: this.name, settings: this.#args.settings ?? {} };
  }

  #program(tell: (event: StackEvent) => void): PulumiFn {
    checkSettings(this.#given, tell);
    return programOf(this.#given, this.#args.place.environment["SSH_AUTH_SOCK"]);
  }

  #start<T>(
    operation: string,
    options: operations.OperationOptions,
    operate: (reader: EventReader, run: RunOptions, tell: Running["tell"]) => Promise<T>,
  ): operations.RunningOperation<T> {
    const started = start(options, async ({ tell, signal }) => {
      const reader = new EventReader(this.#args.mask);
      const onEvent = (event: EngineEvent): void => reader.read(event).forEach(tell);
      try {
        signal.throwIfAborted();
        const run = { onEvent, signal, color: "never", suppressProgress: true, userAgent: "groundwork" } as const;
        return await operate(reader, run, tell);
      } catch (error) {
        const { failures, errorLines, violations } = reader;
        const { mask } = this.#args;
        const cancelled = signal.aborted;
        throw stackErrorOf({ operation, stack: this.name, error, cancelled, failures, errorLines, violations, mask });
      }
    });
    this.#running.add(started);
    const ended = (): void => void this.#running.delete(started);
    started.then(ended, ended);
    return started;
  }
}

function done({ summary }: EventReader): operations.OperationResult {
  return { counts: summary.changes, seconds: summary.seconds };
}
