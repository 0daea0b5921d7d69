import type { Progress } from "../progress";

/** Times of steps by what they were: progress that is shown and kept. */
export interface RecordedProgress extends Progress {
  /** Seconds of each step so far whose name the pattern matches. */
  readonly taken: (pattern: RegExp) => number[];
}

export function recordedProgress(shown: Progress): RecordedProgress {
  const steps: { readonly what: string; readonly seconds: number }[] = [];
  return {
    note: (line) => {
      shown.note(line);
    },
    async step(what, work) {
      const begun = performance.now();
      const result = await shown.step(what, work);
      steps.push({ what, seconds: (performance.now() - begun) / 1000 });
      return result;
    },
    taken: (pattern) => steps.filter(({ what }) => pattern.test(what)).map(({ seconds }) => seconds),
  };
}

/** When an engine began and ended each resource, in milliseconds of this process's clock. */
export class ResourceTimes {
  readonly #begun = new Map<string, number>();
  readonly #ended = new Map<string, number>();

  /** Takes a line such as ` +  command:remote:Command agent-1 created (0.5s)`, which both engines print. */
  record(line: string): void {
    const [, name = "", word = ""] = /^\s*[-+~]{1,2}\s+\S+\s+(\S+)\s+(creating|created)\b(?! failed)/.exec(line) ?? [];
    if (word === "creating" && !this.#begun.has(name)) this.#begun.set(name, performance.now());
    if (word === "created") this.#ended.set(name, performance.now());
  }

  /** Seconds from the first beginning to the last end of some resources. */
  seconds(...names: readonly string[]): number {
    const begun = names.map((name) => this.#begun.get(name) ?? Number.NaN);
    const ended = names.map((name) => this.#ended.get(name) ?? Number.NaN);
    return (Math.max(...ended) - Math.min(...begun)) / 1000;
  }
}
