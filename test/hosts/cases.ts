import type { ApiFault } from "./fake/call";
import type { Case, Undisturbed } from "./faults";
import type { Fault, Shell } from "./sandbox/sandbox";

/**
 * Commands that change something, or whose failure a host knows: those that only filter text fail on no machine. An empty
 * directory that cannot be removed stays, and harms nobody.
 */
const FAILS =
  /^\d+ (cat|cp|mv|rm|ln|mkdir|mktemp|chmod|chown|stat|sync|find|sha256sum|mount|umount|df|flock|systemctl|ip|curl|wget|iptables-restore|k3s|kubectl) /;
/** Commands that write a file, or stand before one that the shell itself writes. */
const WRITES = /^\d+ (cat|cp|mv|ln|mkdir|mktemp|chmod|sync|curl|wget|k3s|touch|tee|grep|systemctl) /;

/** Every harm that is done to one scenario in one shell, spread evenly over what it runs. */
export function casesOf(calm: Undisturbed, shell: Shell, most: number): Case[] {
  const { calls, lines } = calm.ran;
  const numbered = (pattern: RegExp): string[] => calls.filter((call) => pattern.test(call));
  const at = (kind: string, how: NonNullable<Fault["how"]>, chosen: readonly string[]): Case[] =>
    chosen.map((call) => {
      const named = how === "fail" ? { command: call.split(" ")[1]! } : {};
      return { kind, where: call.slice(0, 100), fault: { at: Number.parseInt(call, 10), how, ...named } };
    });
  // In bash each line can be cut off; dash tells of commands only.
  const kills: Case[] =
    shell === "bash"
      ? spread(firstOfEach(lines), most * 2).map((line) => ({
          kind: "killed",
          where: `line ${line.slice(0, 100)}`,
          fault: { atLine: Number.parseInt(line, 10) },
        }))
      : at("killed", "kill", spread(calls, most * 2));
  return [
    ...kills,
    ...at("command fails", "fail", spread(numbered(FAILS), most)),
    ...at("disk full", "full", spread(numbered(WRITES), most)),
    ...at("disk read-only", "readonly", spread(numbered(WRITES), most / 2)),
    ...at("connection lost", "lost", spread(calls, most / 4)),
    ...at("hang-up", "hangup", spread(calls, most / 4)),
    ...apiCases(calm.apiCalls, most),
  ];
}

function apiCases(calls: number, most: number): Case[] {
  const numbers = spread(
    Array.from({ length: calls }, (_, index) => index + 1),
    most,
  );
  const from =
    (first: number, answer: ReturnType<ApiFault>, once: boolean) =>
    (before: number): ApiFault =>
    (_call, number) =>
      number - before === first || (!once && number - before > first) ? answer : undefined;
  return numbers.flatMap((number): Case[] =>
    [
      { kind: "API fails once", where: `call ${number}`, apiFault: from(number, "refused", true) },
      { kind: "API times out once", where: `call ${number}`, apiFault: from(number, "timeout", true) },
      { kind: "API fails from then on", where: `call ${number}`, apiFault: from(number, "refused", false) },
      { kind: "API times out from then on", where: `call ${number}`, apiFault: from(number, "timeout", false) },
    ].slice(number % 2, (number % 2) + 3),
  );
}

/** The first run of every distinct line: a loop's later rounds are no new places. */
function firstOfEach(lines: readonly string[]): string[] {
  const seen = new Set<string>();
  return lines.filter((line) => {
    const text = line.replace(/^\d+ /, "");
    const fresh = !seen.has(text);
    seen.add(text);
    return fresh;
  });
}

/** At most so many, evenly spread, with the first and the last. */
export function spread<T>(all: readonly T[], most: number): T[] {
  const count = Math.min(all.length, Math.max(1, Math.floor(most)));
  if (count === all.length) return [...all];
  return Array.from(
    { length: count },
    (_, index) => all[Math.floor((index * (all.length - 1)) / Math.max(1, count - 1))]!,
  );
}
