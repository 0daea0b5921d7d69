/** Exit codes of the command, as its help tells them. */
export const EXIT_CODES = { ok: 0, failed: 1, usage: 2, differences: 3 } as const;
