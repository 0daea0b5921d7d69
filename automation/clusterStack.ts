import type { EngineEvent, PulumiFn } from "@pulumi/pulumi/automation";
import { problemText, readSettings } from "../config/read/load";
import { problemLine, type Problem } from "../config/problem";
import { groundwork } from "../index";
import { ChangeReader } from "./changes";
import { StackError, stackErrorOf } from "./errors";
import { EventReader } from "./events";
import { guarded } from "./listener";
import type { DestroyResult, OperationOptions, PreviewResult, UpOptions, UpResult } from "./operations";
import { revealableOutputs, sealedOutputs, type ClusterOutputs } from "./outputs";
import { objectSource } from "./settingsObject";
import { inWorkspace, shortName, type StackPlace } from "./workspace";

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

/** A stack that is opened with {@link openStack}. Operations may run side by side; on the same stack, all but one are `locked`. */
export class ClusterStack {
  /** Name, with the organization where one was given. */
  readonly name: string;
  readonly #args: ClusterStackArgs;
  readonly #running = new Map<AbortController, Promise<unknown>>();

  constructor(args: ClusterStackArgs) {
    this.name = args.place.name;
    this.#args = args;
  }

  /**
   * What `up` would do. Needs the stack's passphrase and no host. A stack that does not exist yet is not made by this.
   *
   * @throws StackError
   */
  async preview(options: OperationOptions = {}): Promise<Omit<PreviewResult, "plan">> {
    const program = this.#program(options);
    const changes = new ChangeReader();
    return this.#run("preview", options, async (reader, run, signal) => {
      const onEvent = (event: EngineEvent): void => {
        changes.read(event);
        run.onEvent(event);
      };
      await inWorkspace(this.#args.place, { whenMissing: "ephemeral", program }, async (stack) => {
        signal.throwIfAborted();
        await stack.preview({ ...run, onEvent });
      });
      return { changes: changes.changes, counts: reader.summary.changes };
    });
  }

  /**
   * Makes the cluster what the settings say; makes the stack where there is none.
   *
   * @throws StackError
   */
  async up(options: UpOptions = {}): Promise<UpResult> {
    const program = this.#program(options);
    return this.#run("up", options, (reader, run, signal) =>
      inWorkspace(this.#args.place, { whenMissing: "create", program }, async (stack) => {
        signal.throwIfAborted();
        const { outputs } = await stack.up({ ...run, message: options.message, showSecrets: false });
        const { changes, seconds } = reader.summary;
        return { outputs: revealableOutputs(outputs) as ClusterOutputs, counts: changes, seconds };
      }),
    );
  }

  /**
   * Takes k3s off every machine and all that was installed with it. Needs no settings.
   *
   * @param options.remove Whether the stack itself, with its history, is removed from the backend too; by default it stays.
   * @throws StackError
   */
  async destroy(options: UpOptions & { readonly remove?: boolean } = {}): Promise<DestroyResult> {
    return this.#run("destroy", options, (reader, run, signal) =>
      inWorkspace(this.#args.place, { whenMissing: "fail" }, async (stack, command) => {
        signal.throwIfAborted();
        await stack.destroy({ ...run, message: options.message, showSecrets: false });
        if (options.remove === true) await command(["stack", "rm", "--yes"]);
        const { changes, seconds } = reader.summary;
        return { counts: changes, seconds };
      }),
    );
  }

  /**
   * What the last `up` gave; empty before the first. Without `showSecrets` it needs no passphrase, and the secrets are sealed.
   *
   * @throws StackError
   */
  async outputs(options: { readonly showSecrets?: boolean } = {}): Promise<Partial<ClusterOutputs>> {
    return this.#run("outputs", {}, () =>
      inWorkspace(this.#args.place, { whenMissing: "fail" }, async (stack, run) => {
        if (options.showSecrets === true) return revealableOutputs(await stack.outputs());
        return sealedOutputs(await run(["stack", "output", "--json"]));
      }),
    );
  }

  /**
   * Stops what this object runs, and waits for its end. When it runs nothing: asks the backend to stop whoever runs
   * something, or, where the backend is files (a directory, a bucket), takes away the lock. A lock is only to be taken
   * away when its holder is gone.
   *
   * @throws StackError
   */
  async cancel(): Promise<void> {
    if (this.#running.size > 0) {
      for (const controller of this.#running.keys()) controller.abort();
      await Promise.allSettled(this.#running.values());
      return;
    }
    await this.#run("cancel", {}, () =>
      inWorkspace(this.#args.place, { whenMissing: "fail" }, async (_, command) => {
        await command(["cancel", "--yes"]);
      }),
    );
  }

  /** The program with these settings, after they were found to be right. */
  #program({ onEvent }: OperationOptions): PulumiFn {
    const { settings, place } = this.#args;
    const stack = shortName(place.name);
    const warnings: Problem[] = [];
    const { problems } = readSettings(
      objectSource(settings ?? {}, (warning) => warnings.push(warning)),
      stack,
    );
    if (problems.length > 0) {
      throw new StackError("invalid-settings", this.#args.mask(problemText(stack, problems)), {
        remedy: "correct the settings in `problems`; nothing was started",
        problems: problems.map((problem) => masked(problem, this.#args.mask)),
      });
    }
    for (const warning of warnings) {
      const text = this.#args.mask(problemLine(warning));
      onEvent?.({ kind: "problem", severity: "warning", resource: undefined, text });
    }
    // They were reported just now; the program need not report them again.
    const source = objectSource(settings ?? {}, () => undefined);
    return async () => Promise.resolve({ ...groundwork(source, place.environment["SSH_AUTH_SOCK"]) });
  }

  async #run<T>(
    operation: string,
    options: OperationOptions,
    operate: (reader: EventReader, run: RunOptions, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const signal = AbortSignal.any([controller.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    const reader = new EventReader(this.#args.mask);
    const listener = guarded(options.onEvent);
    const run: RunOptions = {
      onEvent: (event) => reader.read(event).forEach(listener.call),
      signal,
      color: "never",
      suppressProgress: true,
      userAgent: "groundwork",
    };
    const result = this.#ended(operation, reader, signal, () => operate(reader, run, signal));
    this.#running.set(controller, result);
    try {
      const value = await result;
      listener.rethrow();
      return value;
    } finally {
      this.#running.delete(controller);
    }
  }

  async #ended<T>(operation: string, reader: EventReader, signal: AbortSignal, operate: () => Promise<T>): Promise<T> {
    try {
      signal.throwIfAborted();
      return await operate();
    } catch (error) {
      throw stackErrorOf({
        operation,
        stack: this.name,
        error,
        cancelled: signal.aborted,
        failures: reader.failures,
        errorLines: reader.errorLines,
        mask: this.#args.mask,
      });
    }
  }
}

function masked({ path, problem, remedy }: Problem, mask: (text: string) => string): Problem {
  return { path, problem: mask(problem), remedy: mask(remedy) };
}
