const FIELDS: readonly (readonly [from: number, to: number, names: readonly string[]])[] = [
  [0, 59, []],
  [0, 23, []],
  [1, 31, []],
  [1, 12, "jan feb mar apr may jun jul aug sep oct nov dec".split(" ")],
  [0, 6, "sun mon tue wed thu fri sat".split(" ")],
];

/** A line of cron as k3s and Longhorn read it: five fields or a name such as `@daily` (github.com/robfig/cron/v3, ParseStandard). */
export function isCronLine(text: string): boolean {
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(text)) return true;
  if (/^@every (\d+(h|m|s))+$/.test(text)) return true;
  const fields = text.replace(/^(?:CRON_)?TZ=\S+ +/, "").split(/ +/);
  return (
    fields.length === FIELDS.length && fields.every((field, at) => field.split(",").every((part) => isPart(part, at)))
  );
}

function isPart(part: string, at: number): boolean {
  const [from = 0, to = 0, names = []] = FIELDS[at] ?? [];
  const [, range = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
  if (step !== undefined && Number(step) === 0) return false;
  if (range === "*" || range === "?") return true;
  const ends = range.split("-").map((end) => {
    const named = names.indexOf(end.toLowerCase());
    return named >= 0 ? named + from : /^\d+$/.test(end) ? Number(end) : NaN;
  });
  const [first = NaN, last = first] = ends;
  return ends.length <= 2 && first >= from && last <= to && first <= last;
}
