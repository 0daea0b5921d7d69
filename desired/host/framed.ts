/**
 * A shell's start files (`~/.bashrc`, `/etc/profile.d`) may print on every connection. What a command on a host prints is read from
 * this line on, which the command itself prints first.
 */
export const FRAME_BEGIN = "==> groundwork";
/** The last line of what is kept for long: what lacks it was cut off. */
export const FRAME_END = "<== groundwork";

/** A command that prints {@link FRAME_BEGIN} before anything else. @param command Words of a shell; no pipe and no list. */
export function framed(command: string): string {
  return `sh -c 'echo "${FRAME_BEGIN}"; exec "$@"' sh ${command}`;
}

/** The words that print a file inside a frame: between its two lines. */
export function framedFile(path: string): string {
  return `sh -c 'echo "${FRAME_BEGIN}" && cat "$1" && echo "${FRAME_END}"' sh ${path}`;
}

/** What stands after the first line of a frame; undefined where there is none. */
export function afterFrameBegin(text: string): string | undefined {
  const begin = text.startsWith(`${FRAME_BEGIN}\n`) ? 0 : text.indexOf(`\n${FRAME_BEGIN}\n`);
  if (begin < 0) return undefined;
  return text.slice(text.indexOf("\n", begin + (begin === 0 ? 0 : 1)) + 1);
}

/** What stands inside a frame; undefined where none begins. @throws Error that says which part is missing. */
export function insideFrame(text: string): string | undefined {
  const rest = afterFrameBegin(text);
  if (rest === undefined) return undefined;
  const end = `\n${rest}`.lastIndexOf(`\n${FRAME_END}`);
  if (end < 0) throw new Error("it ends in the middle: the connection was lost while it was read");
  return rest.slice(0, end);
}

/** The files that print where nothing should be printed, for messages. */
export function startFiles(user: string): string {
  const home = user === "root" ? "/root" : `~${user}`;
  return `${home}/.bashrc, ${home}/.profile and /etc/profile.d`;
}
