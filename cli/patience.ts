import type { Host } from "../operate/host";
import type { Terminal } from "./terminal";

const EVERY_MS = 10_000;

/** Says every ten seconds on standard error what a verb still waits for. */
export interface Patience {
  /** A host has answered; those that have not are named. */
  readonly answered: (host: Host) => void;
}

/**
 * Does some work about hosts, so that nobody sits before a silent terminal.
 *
 * @param what What is being done, as in `comparing`.
 */
export async function patiently<T>(
  terminal: Pick<Terminal, "err">,
  hosts: readonly Host[],
  what: string,
  work: (patience: Patience) => Promise<T>,
): Promise<T> {
  const pending = new Set(hosts.map(({ name }) => name));
  let spent = 0;
  const timer = setInterval(() => {
    spent += EVERY_MS / 1000;
    terminal.err(`still ${what}${pending.size === 0 ? "" : `: ${[...pending].join(", ")}`} (${String(spent)} s)\n`);
  }, EVERY_MS);
  try {
    return await work({ answered: ({ name }) => void pending.delete(name) });
  } finally {
    clearInterval(timer);
  }
}
