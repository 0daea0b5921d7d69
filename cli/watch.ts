import { readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** How long a file has to stay as it is before it counts: an editor writes it in several steps. */
const QUIET_MS = 150;

/**
 * Gives a turn each time the text of one of the files is another one, until the signal ends it. Their folders are watched, since many
 * editors put a new file in the place of the old one.
 */
export async function* changesOf(files: readonly string[], signal: AbortSignal): AsyncGenerator<undefined> {
  let texts = textsOf(files);
  const due: { is: boolean } = { is: false };
  const isEnded = (): boolean => signal.aborted;
  let wake = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const folders = [...new Set(files.map((file) => dirname(file)))];
  const watchers = folders.map((folder) =>
    watch(folder, (_event, name) => {
      if (name !== null && !files.some((file) => dirname(file) === folder && basename(file) === name)) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        due.is = true;
        wake();
      }, QUIET_MS);
    }),
  );
  const stop = (): void => wake();
  signal.addEventListener("abort", stop);
  try {
    while (!isEnded()) {
      if (!due.is) await new Promise<void>((resolve) => (wake = resolve));
      due.is = false;
      const now = textsOf(files);
      if (isEnded() || now === texts) continue;
      texts = now;
      yield undefined;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(timer);
    for (const each of watchers) each.close();
  }
}

function textsOf(files: readonly string[]): string {
  return files.map(textOf).join("\0");
}

/** Between the old file and the new one there may be none. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
