import * as pulumi from "@pulumi/pulumi";
import type { LabMonitor } from "./monitor";

export type Program = () => unknown;
/**
 * Configuration by its full key; a value that is not a text is handed on as JSON, as Pulumi does it. `hidden` names the
 * secrets in one that has them; without it all of its texts are.
 */
export type Config = Readonly<
  Record<string, { readonly value: unknown; readonly secret: boolean; readonly hidden?: readonly string[] }>
>;

/**
 * Runs a program against a monitor until nothing of it is under way any more.
 * @returns everything that was thrown, once; a failed resource makes all that depends on it throw
 */
export async function evaluate(options: {
  program: Program;
  monitor: LabMonitor;
  project: string;
  stack: string;
  config: Config;
  isPreview: boolean;
}): Promise<Error[]> {
  const errors = new Map<string, Error>();
  const note = (error: unknown) => {
    const noted = error instanceof Error ? error : new Error(String(error));
    errors.set(noted.message, noted);
  };
  const giveBack = takeUnhandledRejections(note);
  try {
    pulumi.runtime.setMockOptions(options.monitor, options.project, options.stack, options.isPreview);
    const entries = Object.entries(options.config);
    const texts: Record<string, string> = Object.fromEntries(entries.map(([key, { value }]) => [key, textOf(value)]));
    const secrets = entries.filter(([, { secret }]) => secret).map(([key]) => key);
    pulumi.runtime.setAllConfig(texts, secrets);
    await pulumi.runtime.runInPulumiStack(options.program as () => Promise<unknown>).catch(note);
    await pulumi.runtime.disconnect();
    // Rejections are reported after the promises of this turn have settled.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    giveBack();
  }
  return [...errors.values()];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * The SDK reports what goes wrong in a resource as an unhandled rejection. While a program runs they are ours alone:
 * another listener (Node's default, a test runner's) would end the process in the middle of a deployment.
 */
function takeUnhandledRejections(note: (error: unknown) => void): () => void {
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", note);
  // Whoever waits later for what has failed handles it after all: nothing to warn of.
  const ignore = () => undefined;
  process.on("rejectionHandled", ignore);
  return () => {
    process.off("unhandledRejection", note);
    process.off("rejectionHandled", ignore);
    for (const listener of others) process.on("unhandledRejection", listener);
  };
}
