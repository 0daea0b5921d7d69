const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** The five fields: the lowest and the highest number, and names from the lowest on. */
const FIELDS: readonly (readonly [lowest: number, highest: number, names: readonly string[]])[] = [
  [0, 59, []],
  [0, 23, []],
  [1, 31, []],
  [1, 12, MONTHS],
  [0, 6, DAYS],
];

const WORDS = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/** Whether a CronJob takes a schedule (github.com/robfig/cron/v3, parser.go: ParseStandard; a time zone has its own field). */
export function isSchedule(text: string): boolean {
  if (text.startsWith("@")) return WORDS.includes(text) || /^@every (\d+(\.\d+)?(h|m|s|ms|us|ns))+$/.test(text);
  const fields = text.trim().split(/\s+/);
  return (
    fields.length === FIELDS.length &&
    fields.every((field, index) => field.split(",").every((part) => fits(part, index)))
  );
}

function fits(part: string, index: number): boolean {
  const [lowest = 0, highest = 0, names = []] = FIELDS[index] ?? [];
  const [range = "", step, ...more] = part.split("/");
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (range === "*" || range === "?") return true;
  const [from, to, ...rest] = range.split("-").map((text) => {
    const named = names.indexOf(text.toLowerCase());
    if (named >= 0) return named + lowest;
    return /^\d+$/.test(text) ? Number(text) : NaN;
  });
  const isIn = (value: number): boolean => value >= lowest && value <= highest;
  if (rest.length > 0 || from === undefined || !isIn(from)) return false;
  return to === undefined || (isIn(to) && to >= from);
}
