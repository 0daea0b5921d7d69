import { commentBody } from "../pullRequest/commentBody";
import { comparePlans } from "../plan/compare/compare";
import { DIFFERENCE_FORMAT, type Change, type Difference } from "../plan/compare/difference";
import { evaluate } from "../plan/run/evaluate";
import { manyNodes } from "./manyNodes";
import { median } from "./measure";

const ROUNDS = 7;
const FEW = 200;
const MANY = 2_000;
const NODES = 50;

/**
 * Figures of the report on a pull request. The unit is the time in which the same difference is written as JSON and read again: how fast
 * the machine is, is in both.
 */
async function main(): Promise<void> {
  const [few, many] = [differenceOf(FEW), differenceOf(MANY)];
  const timed = (work: () => unknown): number => {
    const start = process.hrtime.bigint();
    work();
    return Number(process.hrtime.bigint() - start) / 1e9;
  };
  const comment = (found: Difference): string =>
    commentBody({ key: "plan", title: "Plan", reports: [{ stack: "many", found }] });
  const medianOf = (work: () => unknown): number => median(Array.from({ length: ROUNDS }, () => timed(work)));
  const memory = process.memoryUsage().rss;
  comment(many);
  const growth = process.memoryUsage().rss - memory;
  const text = manyNodes(NODES);
  const plan = (of: string) => evaluate({ project: "bench", stack: "many", fileName: "Pulumi.many.yaml", text: of });
  const [before, after] = [await plan(text), await plan(text.replace("pods: 100", "pods: 200").replace("wg0", "wg1"))];
  const unit = medianOf(() => JSON.parse(JSON.stringify(many)) as unknown);
  const [ofFew, ofMany] = [medianOf(() => comment(few)), medianOf(() => comment(many))];
  const compared = medianOf(() => comparePlans(before, after, "main"));
  const ofPlan = medianOf(() => JSON.parse(JSON.stringify([before, after])) as unknown);
  const { changes } = comparePlans(before, after, "main");
  const line = (label: string, value: string, aim: string): string => `${label.padEnd(52)}${value.padEnd(28)}${aim}\n`;
  const times = (seconds: number, of: number): string =>
    `${(seconds / of).toFixed(2)} (${(seconds * 1e3).toFixed(0)} ms here)`;
  process.stdout.write(
    [
      `report, median of ${ROUNDS} runs on Node ${process.versions.node}; 1 = the same data as JSON and back\n`,
      line(`comment of ${MANY} changed resources`, times(ofMany, unit), "aim: under 1 s"),
      line(`that, by the comment of ${FEW}`, (ofMany / ofFew).toFixed(2), `aim: at most ${(MANY / FEW) * 1.5}`),
      line(
        `difference of two plans of ${NODES} nodes, ${changes.length} changes`,
        times(compared, ofPlan),
        "aim: under 10 s",
      ),
      line("memory that the first comment of them takes", `${(growth / 1e6).toFixed(0)} MB`, "aim: under 200 MB"),
    ].join(""),
  );
}

function differenceOf(resources: number): Difference {
  const changes = Array.from({ length: resources }, (_, index): Change => ({
    kind: "resource",
    name: `web-${index}`,
    type: "kubernetes:apps/v1:Deployment",
    action: "changed",
    notes: [],
    documents: [
      {
        name: "inputs",
        hunks: [
          {
            place: "",
            lines: [
              { sign: " ", text: "spec:" },
              { sign: "-", text: `  image: registry.example.org/web:${index}` },
              { sign: "+", text: `  image: registry.example.org/web:${index + 1}` },
            ],
          },
        ],
      },
    ],
  }));
  return {
    format: DIFFERENCE_FORMAT,
    project: "bench",
    stack: "many",
    against: "main",
    warnings: [],
    risky: [],
    verdict: { line: `${resources} resources change; nothing is deleted`, hosts: [], bites: [] },
    restarts: [],
    changes,
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
