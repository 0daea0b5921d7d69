import { applyWithLabEngine, applyWithPulumi, whyNoPulumi } from "../apply";
import { ensureCertManagerChart } from "../site/certManager";
import { ensureRelease, k3sSource } from "../site/mirror";
import { messageOf } from "../error";
import type { Docker } from "../hosts/docker";
import { labDown } from "../hosts/down";
import { labUp } from "../hosts/up";
import { labPaths } from "../paths";
import { printedProgress } from "../progress";
import { versions } from "../../config/versions/pins";
import type { Bench } from "./bench";
import { measureCertificates } from "./certificates";
import { measureAgents, measureSize } from "./clusters";
import { Figures } from "./figures";
import { measureHosts } from "./hosts";
import { BENCH_LAB, type BenchOptions } from "./options";
import { recordedProgress, ResourceTimes } from "./recorded";

/** The measuring itself, in a process of its own: lab.ts takes the lab down after it. */
async function main(options: BenchOptions, figures: Figures): Promise<void> {
  const paths = labPaths(BENCH_LAB);
  const print = (line: string): unknown => process.stderr.write(`${line}\n`);
  const progress = recordedProgress(printedProgress({ print }));
  const engine = options.engine ?? ((await whyNoPulumi(paths)) === undefined ? "pulumi" : "lab");
  const k3s = k3sSource(options.k3s);
  const parts = {
    paths,
    progress,
    consent: () => Promise.resolve(options.installDocker === true),
    artifacts: async (source: string) => await ensureRelease(paths, source, versions.k3s, progress),
    certManagerChart: () => Promise.resolve(undefined),
  };
  const bench: Bench = {
    paths,
    progress,
    figures,
    up: async (agents): Promise<Docker> => {
      return (await labUp({ lab: BENCH_LAB, servers: 1, agents, k3s }, parts)).docker;
    },
    apply: async (what) => {
      const times = new ResourceTimes();
      const begun = performance.now();
      await progress.step(what, async () => {
        await (engine === "lab" ? applyWithLabEngine : applyWithPulumi)(paths, BENCH_LAB, (line) => {
          times.record(line);
          progress.note(`    ${line}`);
        });
      });
      return { seconds: (performance.now() - begun) / 1000, times };
    },
    down: async () => {
      await labDown(BENCH_LAB, paths, progress, false);
    },
  };
  process.once("exit", () => {
    process.stdout.write(
      figures.text(`lab, k3s: ${options.k3s}, applied by ${engine === "lab" ? "the lab engine" : "Pulumi"}`),
    );
  });
  if (options.certificates === true) {
    const chart = async (): Promise<string> => await ensureCertManagerChart(paths, progress);
    await measureCertificates({ ...parts, certManagerChart: chart }, figures, engine);
    return;
  }
  await measureHosts(bench);
  let adding: number | undefined;
  for (const [index, size] of options.sizes.entries()) {
    await bench.down();
    adding = await measureSize(bench, size, index === 0, adding);
  }
  if (options.agents === undefined) return;
  await bench.down();
  await measureAgents(bench, options.agents);
}

// `exit` lets figures be printed that were measured until then, and ends ssh and docker. Not `once`: a terminal signals
// this process as well as its parent, which passes the signal on, and a second one must not end it before it has printed.
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

main(JSON.parse(process.argv[2] ?? "{}") as BenchOptions, new Figures()).catch((error: unknown) => {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  process.exitCode = 1;
});
