/**
 * What a glob matches, as a whole. `*` stops at the separators of names and subjects (`/` and `:`), so that nobody gets past one with a
 * name that has more of them; `**` does not.
 */
export function globExpression(glob: string): RegExp {
  const parts = glob.split(/(\*+)/).map((part) => {
    if (/^\*+$/.test(part)) return part === "*" ? "[^/:]*" : ".*";
    return part.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "s");
}
