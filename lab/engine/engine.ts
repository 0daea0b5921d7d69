import { Deployment } from "./deployment";
import { evaluate, type Config, type Program } from "./evaluate";
import { executors } from "./executors";
import { LabEngineError } from "./labEngineError";
import { LabMonitor, STACK_TYPE } from "./monitor";
import type { PreviewStep } from "./previewSteps";
import { Progress, type Failure, type OperationOn, type Watcher } from "./progress";
import { isObject, isSecret, plain, secretTexts, UNKNOWN, type Value } from "./propertyValues";
import { lockState, StateFile } from "./state";
import type { References } from "./stackReference";
import { summaryLines } from "./summary";

export interface LabEngineOptions {
  /** `lab` or `lab-<name>`; every other stack is refused. */
  readonly stack: string;
  /** The program: its resources are what is applied, what it returns are the stack's outputs. */
  readonly program: Program;
  /** The stack's configuration by its full key, such as `groundwork:nodes`; objects are given as JSON or as they are. */
  readonly config: Config;
  /** Where the state is kept, with its secrets encrypted. */
  readonly stateFile: string;
  /** Opens the secrets in the state: the key is derived from it by scrypt. */
  readonly passphrase: string;
  /** Takes each line of progress. */
  readonly print: (line: string) => void;
  /** Who is told what happens besides, and may cancel. Default: nobody. */
  readonly watcher?: Watcher;
  /** Project name in URNs and of unqualified configuration. Default `groundwork`. */
  readonly project?: string;
  /** Where Helm is kept when it had to be built. Default: `groundwork/lab` in the user's cache directory. */
  readonly cacheDirectory?: string;
  /** The stacks that the program may refer to. Default: none. */
  readonly references?: References;
}

export interface StackOutput {
  readonly value: Value;
  readonly secret: boolean;
}

/** What a run did, or a preview found to do. */
export interface LabResult {
  readonly operations: readonly OperationOn[];
  /** Whether any resource was or would be created, updated, replaced or deleted. */
  readonly changed: boolean;
  readonly outputs: Record<string, StackOutput>;
  /** Of a preview, in the form of Pulumi's own; otherwise empty. */
  readonly steps: readonly PreviewStep[];
  readonly durationMs: number;
}

/** A run that did not reach its end: what failed, with the hosts' own lines. The state has everything that was done. */
export class DeploymentFailed extends LabEngineError {
  readonly failures: readonly Failure[];
  readonly operations: readonly OperationOn[];

  constructor(message: string, failures: readonly Failure[], operations: readonly OperationOn[]) {
    super(message);
    this.failures = failures;
    this.operations = operations;
  }
}

export interface LabEngine {
  /** Makes the stack what the program says. */
  readonly up: () => Promise<LabResult>;
  /** Says what `up` would do, and does nothing. */
  readonly preview: () => Promise<LabResult>;
  /** Deletes everything that is recorded. */
  readonly destroy: () => Promise<LabResult>;
  /** Not imitated: always fails, and says why. */
  readonly refresh: () => Promise<never>;
  /** The outputs of the last `up`. */
  readonly outputs: () => Record<string, StackOutput>;
}

/**
 * The lab engine: applies a Pulumi program where the Pulumi CLI cannot be had. For the lab only.
 * @throws LabEngineError for a stack that is not the lab's
 */
export function labEngine(options: LabEngineOptions): LabEngine {
  if (!/^lab(-[A-Za-z0-9_.-]+)?$/.test(options.stack)) {
    throw new LabEngineError(
      `the lab engine refuses stack ${options.stack}: it is for stacks named lab or lab-<name>; use the Pulumi CLI`,
    );
  }
  return {
    up: () => locked(options, (state) => up(options, state)),
    preview: () => locked(options, (state) => preview(options, state)),
    destroy: () => locked(options, (state) => destroy(options, state)),
    refresh: () => {
      const message =
        "the lab engine cannot refresh: remote commands have no state to read back. Run up, which changes nothing " +
        "on a host that is as it should be, or use the Pulumi CLI";
      return Promise.reject(new LabEngineError(message));
    },
    outputs: () => stackOutputs(new StateFile(options.stateFile, options.stack, options.passphrase).outputs),
  };
}

async function locked<T>(options: LabEngineOptions, run: (state: StateFile) => Promise<T>): Promise<T> {
  options.print(
    `lab engine: stands in for the Pulumi CLI on stack ${options.stack}. It is for the lab only, not for real servers.`,
  );
  const unlock = lockState(options.stateFile);
  try {
    return await run(new StateFile(options.stateFile, options.stack, options.passphrase));
  } finally {
    unlock();
  }
}

async function up(options: LabEngineOptions, state: StateFile): Promise<LabResult> {
  return inRun(options, state, false, async (deployment, progress) => {
    await evaluateInto(options, deployment, progress, false);
    if (progress.failures.length > 0) return;
    await deployment.deleteAll(deployment.deletions());
    state.outputs = deployment.outputs ?? {};
  });
}

async function preview(options: LabEngineOptions, state: StateFile): Promise<LabResult> {
  return inRun(options, state, true, async (deployment, progress) => {
    await evaluateInto(options, deployment, progress, true);
    await deployment.deleteAll(deployment.deletions());
  });
}

async function destroy(options: LabEngineOptions, state: StateFile): Promise<LabResult> {
  return inRun(options, state, false, async (deployment, progress) => {
    await deployment.deleteAll([...state.resources]);
    if (progress.failures.length > 0) return;
    state.outputs = {};
  });
}

async function inRun(
  options: LabEngineOptions,
  state: StateFile,
  isPreview: boolean,
  run: (deployment: Deployment, progress: Progress) => Promise<void>,
): Promise<LabResult> {
  const begun = Date.now();
  const progress = new Progress(options.print, isPreview, options.watcher);
  progress.hide(
    Object.values(options.config).flatMap(({ value, secret, hidden }) =>
      secret ? (hidden ?? secretTexts(value, true)) : [],
    ),
  );
  progress.hide(secretTexts(state.resources));
  for (const { urn, operation } of state.takeOverPending()) {
    progress.print(` !  the last run ended while ${operation} ${urn}: whatever is still wanted of it is done again`);
  }
  const tools = executors(options.cacheDirectory);
  const deployment = new Deployment({ state, executorOf: tools.executorOf, progress, isPreview });
  const fallSilent = progress.keepTalking();
  try {
    await run(deployment, progress);
  } finally {
    fallSilent();
    tools.dispose();
    if (!isPreview) state.save();
  }
  const durationMs = Date.now() - begun;
  const operations = progress.operations.filter(({ type }) => type !== STACK_TYPE);
  if (progress.failures.length > 0) throw failureOf(progress.failures, operations);
  for (const line of summaryLines(operations, isPreview, durationMs)) progress.print(line);
  const changed = operations.some(({ operation }) => operation !== "same");
  return { operations, changed, outputs: stackOutputs(deployment.outputs ?? {}), steps: deployment.steps, durationMs };
}

async function evaluateInto(options: LabEngineOptions, deployment: Deployment, progress: Progress, isPreview: boolean) {
  const project = options.project ?? "groundwork";
  const monitor = new LabMonitor(deployment, options.stack, project, options.references);
  const { stack, config, program } = options;
  const errors = await evaluate({ program, monitor, project, stack, config, isPreview });
  const hasFailed = (message: string) =>
    progress.failures.some(({ name, type }) => message.includes(`resource ${name} [${type}] failed to register`));
  for (const error of errors.filter(({ message }) => !hasFailed(message))) {
    progress.failed({ urn: "", type: STACK_TYPE, name: "the program" }, error);
  }
}

function failureOf(failures: readonly Failure[], operations: readonly OperationOn[]): DeploymentFailed {
  const each = failures.map(({ name, type, message }) => `${name} (${type}): ${message.trimEnd()}`);
  const head = failures.length === 1 ? "1 resource failed:" : `${failures.length} resources failed:`;
  const tail = "What was done is recorded; run it again when the cause is gone.";
  return new DeploymentFailed([head, ...each, tail].join("\n"), failures, operations);
}

/** Values that a preview does not know yet, as a person reads them. */
function shown(value: Value): Value {
  if (value === UNKNOWN) return "[unknown]";
  if (Array.isArray(value)) return value.map(shown);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shown(item)]));
}

function stackOutputs(outputs: Record<string, Value>): Record<string, StackOutput> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, { value: shown(plain(value)), secret: isSecret(value) }]),
  );
}
