/**
 * Where a change comes from, if not from the one that is under review: words that are said of it beside what happens, which is the same
 * whoever caused it.
 */

/** It changes because somebody else changed it. */
export const DRIFT = "drift: it is not as the last 'up' left it";

/** The base has it already. */
export function overdue(against: string): string {
  return `not of this change: ${against} has it as well, and no 'up' has brought it about yet`;
}

/** Some of its lines are from elsewhere. */
export function partlyOverdue(lines: number): string {
  const [what, are] = lines === 1 ? ["one line", "is"] : [`${lines} lines`, "are"];
  return `${what} ${are} not of this change, but of one before, or drift`;
}

/** Whether a note says where a change comes from, and not what happens. */
export function isOrigin(note: string): boolean {
  return (
    note === DRIFT ||
    /^not of this change: .* has it as well, and no 'up' has brought it about yet$/s.test(note) ||
    /^(?:one line is|\d+ lines are) not of this change, but of one before, or drift$/.test(note)
  );
}
