import { EventQueue } from "./eventQueue";
import type { StackEvent } from "./events";
import { guarded } from "./listener";
import type { OperationOptions, RunningOperation } from "./operations";

/** What an operation is given to tell what happens, and to know when it has to stop. */
export interface Running {
  readonly tell: (event: StackEvent) => void;
  readonly signal: AbortSignal;
}

/** Starts an operation, after the caller had the time to listen. */
export function start<Result>(
  options: OperationOptions,
  operate: (running: Running) => Promise<Result>,
): RunningOperation<Result> {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const listener = guarded(options.onEvent);
  const events = new EventQueue(() => {
    // The reader gets the failure as well; who reads and does not await has not overlooked it.
    result.catch(() => undefined);
  });
  const tell = (event: StackEvent): void => {
    events.push(event);
    listener.call(event);
  };
  const run = async (): Promise<Result> => {
    await Promise.resolve();
    try {
      const value = await operate({ tell, signal });
      listener.rethrow();
      events.end();
      return value;
    } catch (error) {
      events.end({ error });
      throw error;
    }
  };
  const result = run();
  const cancel = async (): Promise<void> => {
    controller.abort();
    await result.then(
      () => undefined,
      () => undefined,
    );
  };
  return Object.assign(result, { events, cancel });
}
