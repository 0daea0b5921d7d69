import { WEEKDAYS, type RolloutWindow, type Weekday } from "./schema/rolloutWindow";

/** A day and a time where the window is. */
interface LocalTime {
  /** Midnight of the day as if it were UTC, to count days by. */
  readonly day: Date;
  readonly weekday: Weekday;
  /** `HH:MM` */
  readonly time: string;
}

/** Whether a window is open at a moment; and if not, when it opens next: `sat 2026-11-28 22:00 (Europe/Berlin)`. */
export function windowAt(
  window: RolloutWindow,
  now: Date,
): { readonly isOpen: boolean; readonly opens: string | undefined } {
  if (openUntil(window) > now.getTime()) return { isOpen: true, opens: undefined };
  const { day, weekday, time } = localTime(window.timeZone, now);
  const { startTime, endTime, days } = window;
  const isOfToday = days.includes(weekday) && startTime <= time && (time < endTime || endTime <= startTime);
  const isOfYesterday = days.includes(weekdayOf(daysAfter(day, -1))) && endTime <= startTime && time < endTime;
  if (isOfToday || isOfYesterday) return { isOpen: true, opens: undefined };
  for (let ahead = time < startTime ? 0 : 1; ahead <= 7; ahead++) {
    const then = daysAfter(day, ahead);
    if (!days.includes(weekdayOf(then))) continue;
    const date = then.toISOString().slice(0, 10);
    return { isOpen: false, opens: `${weekdayOf(then)} ${date} ${startTime} (${window.timeZone})` };
  }
  return { isOpen: false, opens: undefined };
}

/** The moment until which it is open whatever the hour, in milliseconds; 0 where none is set. */
export function openUntil(window: RolloutWindow): number {
  return window.openUntil === undefined ? 0 : Date.parse(window.openUntil);
}

/** A window in a few words: `sat, sun 22:00 to 04:00 (Europe/Berlin)`. */
export function windowText({ days, startTime, endTime, timeZone }: RolloutWindow): string {
  const chosen = WEEKDAYS.filter((day) => days.includes(day));
  const when = chosen.length === WEEKDAYS.length ? "every day" : chosen.join(", ");
  return `${when} ${startTime} to ${endTime} (${timeZone})`;
}

/** The name of a time zone as the IANA's database writes it; undefined where there is none of that name. */
export function zoneName(zone: string): string | undefined {
  // Intl takes offsets such as +02:00 as well; no host has a file for them.
  if (!/^[A-Za-z]/.test(zone)) return undefined;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions();
    // Of an alias (US/Eastern) some versions give the name behind it; both are files of the database.
    return timeZone.toLowerCase() === zone.toLowerCase() ? timeZone : zone;
  } catch {
    return undefined;
  }
}

function localTime(timeZone: string, now: Date): LocalTime {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? "";
  const day = new Date(`${part("year")}-${part("month")}-${part("day")}T00:00:00Z`);
  return { day, weekday: weekdayOf(day), time: `${part("hour")}:${part("minute")}` };
}

function daysAfter(day: Date, count: number): Date {
  return new Date(day.getTime() + count * 86_400_000);
}

function weekdayOf(day: Date): Weekday {
  return WEEKDAYS[(day.getUTCDay() + 6) % 7] ?? "mon";
}
