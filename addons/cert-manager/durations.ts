const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };

/** Seconds of a duration as Go has it: `2160h`, `1h30m`. Its form is the schema's business. */
export function secondsOf(duration: string): number {
  return [...duration.matchAll(/([\d.]+)([hms])/g)].reduce(
    (sum, [, number = "0", unit = "s"]) => sum + Number(number) * (UNITS[unit] ?? 0),
    0,
  );
}

/** Certificates that live at least so long are renewed 360h before their end; a third of it. */
export const LONG_SECONDS = 1080 * 3600;
