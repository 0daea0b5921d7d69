/**
 * A shell's start files (`~/.bashrc`, `/etc/profile.d`) may print on every connection. What a command on a host prints is read from
 * this line on, which the command itself prints first.
 */
export const BEGIN_MARK = "==> groundwork";
/** The last line of what is kept for long: what lacks it was cut off. */
export const END_MARK = "<== groundwork";

/** A command that prints {@link BEGIN_MARK} before anything else. @param command Words of a shell; no pipe and no list. */
export function marked(command: string): string {
  return `sh -c 'echo "${BEGIN_MARK}"; exec "$@"' sh ${command}`;
}

/** The words that print a file between both marks. */
export function markedFile(path: string): string {
  return `sh -c 'echo "${BEGIN_MARK}" && cat "$1" && echo "${END_MARK}"' sh ${path}`;
}

/** What stands after the first mark, and before the last one where there is one; undefined where there is no mark. */
export function afterMark(text: string): string | undefined {
  const begin = text.startsWith(`${BEGIN_MARK}\n`) ? 0 : text.indexOf(`\n${BEGIN_MARK}\n`);
  if (begin < 0) return undefined;
  return text.slice(text.indexOf("\n", begin + (begin === 0 ? 0 : 1)) + 1);
}

/** What stands between both marks. @throws Error that says which part is missing. */
export function betweenMarks(text: string): string | undefined {
  const rest = afterMark(text);
  if (rest === undefined) return undefined;
  const end = `\n${rest}`.lastIndexOf(`\n${END_MARK}`);
  if (end < 0) throw new Error("it ends in the middle: the connection was lost while it was read");
  return rest.slice(0, end);
}

/** The files that print where nothing should be printed, for messages. */
export function startFiles(user: string): string {
  const home = user === "root" ? "/root" : `~${user}`;
  return `${home}/.bashrc, ${home}/.profile and /etc/profile.d`;
}
