import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSshServer, type TestSshServer } from "../sshServer";
import type { Bed, CaseStep } from "./case";
import { cases } from "./cases";
import { kubernetesCases } from "./kubernetesCases";
import { remoteCases } from "./remoteCases";

/** What an engine shows of one run. */
export interface Observed {
  /** `<operation> <name>`, without what stays the same and without Pulumi's own resources. */
  readonly operations: string[];
  readonly outputs: Record<string, { value: unknown; secret: boolean }>;
  readonly failure?: string;
}

/** An engine with one stack of its own in `directory`. */
export interface EngineUnderTest {
  readonly run: (does: CaseStep["does"], program: () => unknown) => Promise<Observed>;
  readonly dispose?: () => Promise<void>;
}

/** The same small programs on an engine: what it does, in which order the effects appear, and what it gives out. */
export function conformance(title: string, engineIn: (directory: string) => Promise<EngineUnderTest>): void {
  describe(title, function () {
    this.timeout(120_000);
    let server: TestSshServer;
    before(async () => void (server = await startSshServer()));
    after(() => server.close());

    // On Kubernetes only where a cluster is lent for it: the cases make and delete namespaces in it.
    const kubeconfig = process.env["GROUNDWORK_CONFORMANCE_KUBECONFIG"];
    for (const { name, steps } of [...cases, ...remoteCases, ...(kubeconfig === undefined ? [] : kubernetesCases)]) {
      it(name, async () => {
        const directory = mkdtempSync(join(tmpdir(), "groundwork-conformance-"));
        const { port, privateKey, hostKey } = server;
        const bed: Bed = {
          log: join(directory, "log"),
          connection: { host: "127.0.0.1", port, user: "lab", privateKey, hostKey },
          kubeconfig,
        };
        const engine = await engineIn(directory);
        try {
          for (const [at, step] of steps.entries()) await check(engine, bed, step, `step ${at + 1} (${step.does})`);
        } finally {
          await engine.dispose?.();
          rmSync(directory, { recursive: true, force: true });
        }
      });
    }
  });
}

async function check(engine: EngineUnderTest, bed: Bed, step: CaseStep, what: string): Promise<void> {
  writeFileSync(bed.log, "");
  const observed = await engine.run(step.does, () => step.program?.(bed));
  if (step.fails) assert.match(observed.failure ?? "it did not fail", step.fails, what);
  else assert.equal(observed.failure, undefined, what);
  // A run that fails may show what it was about to do, or not.
  if (!step.fails) {
    const seen = observed.operations.filter((operation) => !operation.endsWith(" g")).sort();
    assert.deepEqual(seen, [...step.operations].filter((operation) => !operation.endsWith(" g")).sort(), what);
  }
  const log = readFileSync(bed.log, "utf8").split("\n").filter(Boolean);
  if (step.log) assert.deepEqual(log, step.log, `${what}: order of effects`);
  for (const [name, output] of Object.entries(step.outputs ?? {})) {
    assert.deepEqual(observed.outputs[name], output, `${what}: output ${name}`);
  }
}
