/** How many stacks are worked on at once where nothing is said. */
export const FLEET_AT_ONCE = 4;

/** How one stack stands in a change of many. */
export type WaveState = "waiting" | "running" | "done" | "failed";

export interface WaveLimits {
  /** How many stacks are worked on at once. */
  readonly atOnce: number;
  /** How many stacks of a wave may fail before no further one is begun. */
  readonly mayFail: number;
  /** Whether the whole is to stop: what runs ends, and nothing more is begun. */
  readonly isStopping: boolean;
}

/** What is to be done now, and the wave that it is about, counted from 1. */
export type WaveStep =
  /** Stacks to begin; none while those that run are waited for. */
  | { readonly begin: readonly string[]; readonly wave: number }
  /** `stopped`: more stacks of the wave failed than may. */
  | { readonly outcome: "done" | "stopped" | "cancelled"; readonly wave: number };

/**
 * The next step of a change that goes on wave by wave: a wave begins when the one before is through, the first bad wave is the last, and
 * before anything ends, what runs has ended. Pure.
 */
export function nextStep(
  waves: readonly (readonly string[])[],
  stateOf: (name: string) => WaveState,
  { atOnce, mayFail, isStopping }: WaveLimits,
): WaveStep {
  for (const [index, names] of waves.entries()) {
    const wave = index + 1;
    const of = (state: WaveState): string[] => names.filter((name) => stateOf(name) === state);
    const [waiting, running, failed] = [of("waiting"), of("running").length, of("failed").length];
    const isBad = failed > mayFail;
    if (waiting.length > 0 && !isBad && !isStopping) {
      return { begin: waiting.slice(0, Math.max(0, atOnce - running)), wave };
    }
    if (running > 0) return { begin: [], wave };
    if (isStopping && waiting.length + failed > 0) return { outcome: "cancelled", wave };
    if (isBad) return { outcome: "stopped", wave };
  }
  return { outcome: "done", wave: waves.length };
}

/**
 * Divides stacks into waves.
 *
 * @param sizes How many stacks are through after each wave: a number, or a share of all as `"10%"`, rounded up. What is left is the last wave.
 */
export function wavesOf(names: readonly string[], sizes: readonly (number | `${number}%`)[]): string[][] {
  const ends = sizes.map((size) =>
    typeof size === "number" ? size : Math.ceil((names.length * Number.parseFloat(size)) / 100),
  );
  let begin = 0;
  return [...ends, names.length].flatMap((end) => {
    const wave = names.slice(begin, end);
    begin = Math.max(begin, end);
    return wave.length === 0 ? [] : [wave];
  });
}
