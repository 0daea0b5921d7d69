import type { Answer } from "../sandbox/gateway";

/** What one process of a unit said. */
export interface JournalLine {
  readonly unit: string;
  readonly invocation: string;
  readonly time: number;
  readonly text: string;
}

/** The lines that journalctl prints. */
export function journalctl(journal: readonly JournalLine[], args: readonly string[]): Answer {
  const after = (flag: RegExp): string | undefined => {
    const at = args.findIndex((arg) => flag.test(arg));
    return at < 0 ? undefined : args[at]!.includes("=") ? split(args[at]!) : args[at + 1];
  };
  const unit = after(/^(-u|--unit)/)?.replace(/\.service$/, "");
  const since = after(/^(-S|--since)/);
  const invocation = args
    .find((arg) => arg.startsWith("_SYSTEMD_INVOCATION_ID="))
    ?.slice("_SYSTEMD_INVOCATION_ID=".length);
  const count = Number(after(/^(-n|--lines)/) ?? "10000");
  const from =
    since === undefined
      ? 0
      : since.startsWith("@")
        ? Number(since.slice(1)) * 1000
        : new Date(`${since.replace(" ", "T").slice(0, 23)}Z`).getTime();
  const lines = journal.filter(
    (line) =>
      (unit === undefined || line.unit === unit) &&
      (invocation === undefined || line.invocation === invocation) &&
      line.time >= from,
  );
  return {
    code: 0,
    out: lines
      .slice(-count)
      .map((line) => `${line.text}\n`)
      .join(""),
    err: "",
  };
}

function split(flag: string): string {
  return flag.slice(flag.indexOf("=") + 1);
}
