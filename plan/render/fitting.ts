/** The longest comment that GitHub takes, in characters; Gitea and GitLab take more. */
export const COMMENT_LIMIT = 65_536;

/**
 * A text in parts that is no longer than allowed: what does not fit is left out whole, and a last line says how many parts
 * that are.
 *
 * @returns nothing when not even the head and that line fit.
 */
export function fitting(
  head: string,
  parts: readonly string[],
  { longest = COMMENT_LIMIT, allOfIt }: { readonly longest?: number | undefined; readonly allOfIt: string },
): string {
  const whole = head + parts.join("");
  if (whole.length <= longest) return whole;
  // The last line is written first, at its longest, so that it always fits.
  let room = longest - head.length - leftOut(parts.length, parts.length, allOfIt).length;
  if (room < 0) return "";
  const shown = parts.filter((part) => {
    const fits = part.length <= room;
    if (fits) room -= part.length;
    return fits;
  });
  return head + shown.join("") + leftOut(parts.length - shown.length, parts.length, allOfIt);
}

function leftOut(missing: number, all: number, allOfIt: string): string {
  return `\n_${missing} of ${all} parts are left out, because a comment holds ${COMMENT_LIMIT} characters._ All of it: ${allOfIt}\n`;
}
