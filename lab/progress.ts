/** Tells what is being done and how long it took; says something at least every few seconds while work goes on. */
export interface Progress {
  /** Runs work and tells when it is done. `what` is a noun: "host server-1". */
  step<T>(what: string, work: (tell: (detail: string) => void) => Promise<T>): Promise<T>;
  /** A line of its own. */
  note(line: string): void;
}

export interface ProgressOptions {
  readonly print: (line: string) => void;
  /** Milliseconds since any fixed time. Default: the process's own clock. */
  readonly now?: () => number;
  /** Longest silence while a step is under way, in milliseconds. Default: 8,000. */
  readonly tickMs?: number;
}

/** Prints `  ✓ host server-1 (4.1 s)` for a step that is done and `  … host server-1, 8 s` while it goes on. */
export function printedProgress(options: ProgressOptions): Progress {
  const now = options.now ?? ((): number => performance.now());
  const tickMs = options.tickMs ?? 8_000;
  const active = new Map<symbol, { readonly what: string; readonly since: number; detail: string }>();
  let timer: NodeJS.Timeout | undefined;

  const tick = (): void => {
    const [oldest] = active.values();
    if (oldest === undefined) return;
    const detail = oldest.detail === "" ? "" : ` (${oldest.detail})`;
    const others = active.size === 1 ? "" : `, and ${String(active.size - 1)} more`;
    options.print(`  … ${oldest.what}${detail}${others}: ${duration(now() - oldest.since)}`);
  };
  const rewind = (): void => {
    clearInterval(timer);
    timer = active.size === 0 ? undefined : setInterval(tick, tickMs);
  };

  return {
    async step(what, work) {
      const key = Symbol(what);
      const entry = { what, since: now(), detail: "" };
      active.set(key, entry);
      if (active.size === 1) rewind();
      try {
        const result = await work((detail) => {
          entry.detail = detail;
        });
        options.print(`  ✓ ${what} (${duration(now() - entry.since)})`);
        return result;
      } finally {
        active.delete(key);
        rewind();
      }
    },
    note: (line) => {
      options.print(line);
      rewind();
    },
  };
}

/** A time for people: `0.4 s`, `12 s`, `3 min 20 s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${seconds.toFixed(0)} s`;
  const whole = Math.round(seconds);
  return `${String(Math.floor(whole / 60))} min ${String(whole % 60)} s`;
}
