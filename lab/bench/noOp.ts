import type { LabPaths } from "../paths";
import { median } from "../../bench/measure";
import { renderedConverge, timedSsh } from "./cluster";
import { type Figures, seconds, times } from "./figures";

const ROUNDS = 3;

/** The script that `up` runs, once more where it changed everything already: the second time and later ones count. */
export async function measureNoOp(paths: LabPaths, figures: Figures, host: string): Promise<void> {
  const script = renderedConverge(paths, host);
  const command = "sudo -n sh -c 'sh -s -- converge; code=$?; times >&2; exit $code'";
  await timedSsh(paths, host, command, script);
  const runs = [];
  const bare = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push((await timedSsh(paths, host, "sudo -n true")).seconds);
    runs.push(await timedSsh(paths, host, command, script));
  }
  const connection = median(bare);
  const whole = median(runs.map((one) => one.seconds));
  const said = [...new Set(runs.map(({ stdout }) => stdout.trim()))].join("; ");
  figures.add({
    what: `no-op converge of ${host}`,
    value: `${seconds(whole)}, ${times(whole, connection)} of SSH alone`,
    aim: "under 0.5 s",
    how: `over SSH, median of ${String(ROUNDS)} after a first one ('${said}'); SSH and sudo alone ${seconds(connection)}, the script's processor time ${seconds(median(runs.map(({ stderr }) => cpuSeconds(stderr))))}`,
  });
}

/** The last line of `times` (POSIX): user and system time of all children, `0m0.120000s 0m0.080000s`. */
function cpuSeconds(text: string): number {
  const last = text.trim().split("\n").at(-1) ?? "";
  const parts = [...last.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest));
  return parts.reduce((sum, part) => sum + part, 0);
}
