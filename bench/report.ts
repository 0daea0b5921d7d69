import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commentBody } from "../pullRequest/commentBody";
import { comparePlans } from "../plan/compare/compare";
import { DIFFERENCE_FORMAT, type Change, type Difference } from "../plan/compare/difference";
import { evaluate } from "../plan/run/evaluate";
import { manyNodes } from "./manyNodes";
import { measure, median } from "./measure";

const ROUNDS = 7;
const FEW = 200;
const MANY = 2_000;
const NODES = 50;
const A_FEW_NODES = 6;

const ROOT = join(__dirname, "..");

/** One line of a stack's file, and what it becomes: an object, a release, a setting of every node. */
const ONE_LINERS: readonly (readonly [what: string, from: string, to: string])[] = [
  ["a namespace's quota", "pods: 100", "pods: 200"],
  ["the Service of ingress-nginx", "serviceType: ClusterIP", "serviceType: NodePort"],
  ["the interface of every node", "interface: wg0", "interface: wg1"],
];

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
  const memory = await memoryOf({ none: differenceOf(0), many });
  const text = manyNodes(NODES);
  const plan = (of: string) => evaluate({ project: "bench", stack: "many", fileName: "Pulumi.many.yaml", text: of });
  const small = manyNodes(A_FEW_NODES);
  const smallPlan = await plan(small);
  const lengths: (readonly [what: string, length: number])[] = [];
  for (const [what, from, to] of ONE_LINERS) {
    const edited = small.replace(from, to);
    if (edited === small) throw new Error(`the stack's file has no longer: ${from}`);
    lengths.push([what, comment(comparePlans(smallPlan, await plan(edited), "main")).length]);
  }
  const [before, after] = [await plan(text), await plan(text.replace("pods: 100", "pods: 200").replace("wg0", "wg1"))];
  const unit = medianOf(() => JSON.parse(JSON.stringify(many)) as unknown);
  const [ofFew, ofMany] = [medianOf(() => comment(few)), medianOf(() => comment(many))];
  const compared = medianOf(() => comparePlans(before, after, "main"));
  const ofPlan = medianOf(() => JSON.parse(JSON.stringify([before, after])) as unknown);
  const { changes } = comparePlans(before, after, "main");
  const line = (label: string, value: string, aim: string): string => `${label.padEnd(60)}${value.padEnd(28)}${aim}\n`;
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
      line(
        `memory of 'groundwork comment' for ${MANY} of them`,
        `${memory.many.toFixed(0)} MB, ${(memory.many / memory.none).toFixed(2)} of without`,
        "aim: under 200 MB",
      ),
      ...lengths.map(([what, length]) =>
        line(`comment on ${A_FEW_NODES} nodes, one line: ${what}`, `${length} characters`, "aim: under 4000"),
      ),
    ].join(""),
  );
}

/** Most memory of the whole command in a process of its own, in MB: the median of its runs, each beside one that has nothing to show. */
async function memoryOf<T extends string>(differences: Readonly<Record<T, Difference>>): Promise<Record<T, number>> {
  const names = Object.keys(differences) as T[];
  const runs: { readonly name: T; readonly peakMb: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) {
      const directory = mkdtempSync(join(tmpdir(), "groundwork-bench-"));
      try {
        writeFileSync(join(directory, "many.json"), JSON.stringify(differences[name]));
        const args = [join(ROOT, "bin", "groundwork.js"), "comment", "--dry-run", "--reports", directory];
        runs.push({ name, peakMb: (await measure(args, ROOT)).peakMb });
      } finally {
        rmSync(directory, { recursive: true });
      }
    }
  }
  const of = (name: T): number => median(runs.filter((one) => one.name === name).map(({ peakMb }) => peakMb));
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<T, number>;
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
