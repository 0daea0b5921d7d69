import type { StackEvent } from "./events";

/** A caller's function that throws must not end up in the SDK, which would print it and go on. */
export function guarded(onEvent: ((event: StackEvent) => void) | undefined): {
  call: (event: StackEvent) => void;
  rethrow: () => void;
} {
  let failure: { readonly error: unknown } | undefined;
  return {
    call: (event) => {
      if (failure !== undefined) return;
      try {
        onEvent?.(event);
      } catch (error) {
        failure = { error };
      }
    },
    rethrow: () => {
      if (failure !== undefined) throw failure.error;
    },
  };
}
