import type { Answer } from "../sandbox/gateway";

/** What df tells of a disk with so much room. */
export function df(freeMib: number, args: readonly string[]): Answer {
  const unit = args.some((arg) => /^-\w*m/.test(arg)) ? 1 : args.some((arg) => /^-\w*i/.test(arg)) ? 1 / 64 : 1 / 1024;
  const free = Math.floor(freeMib / unit);
  const paths = args.filter((arg) => !arg.startsWith("-"));
  const rows = (paths.length > 0 ? paths : ["/"]).map((path) => `disk ${free * 2} ${free} ${free} 50% ${path}`);
  return {
    code: 0,
    out: ["Filesystem 1K-blocks Used Available Capacity Mounted on", ...rows, ""].join("\n"),
    err: "",
  };
}
