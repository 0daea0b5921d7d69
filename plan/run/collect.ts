import * as pulumi from "@pulumi/pulumi";
import {
  register,
  STACK_TYPE,
  type RegisterAnswer,
  type RegisterRequest,
  type Registration,
  type Structure,
} from "./registration";
import { planFields, type PlanValue } from "../values";

/** Everything that a run of the program registered, in the order of registration. */
export interface Collected {
  readonly registrations: readonly Registration[];
  readonly outputs: Readonly<Record<string, PlanValue>>;
}

interface OutputsRequest {
  getUrn(): string;
  getOutputs(): Structure | undefined;
}
type Callback<Answer> = (error: Error | null, answer: Answer) => void;

/** The two calls of the SDK's resource monitor that are answered here. */
interface Monitor {
  registerResource: (request: RegisterRequest, callback: Callback<RegisterAnswer>) => void;
  registerResourceOutputs: (request: OutputsRequest, callback: Callback<object>) => void;
}

/**
 * Runs a program under Pulumi's mocks as a preview and collects what it registers. Nothing is contacted.
 *
 * The mocks alone tell neither parents nor dependencies nor protection, so the monitor's requests themselves are read and
 * answered. One run at a time: Pulumi's settings are the process's own.
 */
export async function collect(program: () => object, project: string, stack: string): Promise<Collected> {
  const noResource = (): never => {
    throw new Error("resources are answered by the monitor");
  };
  await pulumi.runtime.setMocks(
    { newResource: noResource, call: ({ inputs }) => inputs as object },
    project,
    stack,
    true,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const registrations: Registration[] = [];
  let outputs: Readonly<Record<string, PlanValue>> = {};

  monitor.registerResource = (request, callback) => {
    const { registration, answer } = register(request);
    registrations.push(registration);
    callback(null, answer);
  };
  monitor.registerResourceOutputs = (request, callback) => {
    if (request.getUrn().includes(`::${STACK_TYPE}::`)) {
      outputs = planFields(request.getOutputs()?.toJavaScript() ?? {});
    }
    callback(null, {});
  };

  await withoutStackTraces(() =>
    rejectOnStrayError(async () => {
      await pulumi.runtime.runInPulumiStack(() => Promise.resolve(program()));
      await pulumi.runtime.disconnect();
    }),
  );
  return { registrations: registrations.filter(({ type }) => type !== STACK_TYPE), outputs };
}

/** A resource that cannot be registered rejects a promise that nobody holds; here it fails the run instead. */
async function rejectOnStrayError(run: () => Promise<void>): Promise<void> {
  let onStray = (_reason: unknown): void => undefined;
  const stray = new Promise<never>((_resolve, reject) => (onStray = reject));
  stray.catch(() => undefined);
  process.on("unhandledRejection", onStray);
  try {
    await Promise.race([run(), stray]);
  } finally {
    process.off("unhandledRejection", onStray);
  }
}

/**
 * The SDK writes down a stack trace for every promise, and another for every resource: half of the time that a large
 * stack takes. Nobody reads them here; a failure keeps its message.
 */
async function withoutStackTraces(run: () => Promise<void>): Promise<void> {
  const { stackTraceLimit } = Error;
  const resource = pulumi.Resource as unknown as { callsites?: () => readonly object[] };
  const { callsites } = resource;
  Error.stackTraceLimit = 0;
  if (callsites !== undefined) resource.callsites = () => [];
  try {
    await run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (callsites !== undefined) resource.callsites = callsites;
  }
}
