import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { run } from "../../process/run";
import type { EngineName } from "../apply";
import type { UpParts } from "../hosts/up";
import { findContainerEngine } from "../hosts/containerEngine";
import { labRun } from "../run";
import { INTERNAL_CA } from "../stack/stackSettings";
import { mebibytes, seconds, type Figures } from "./figures";
import { hostMemory, total } from "./memory";
import { BENCH_LAB } from "./options";

const MANY = 100;
const NAMESPACE = "default";

const issued = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ namespace: z.string(), name: z.string() }),
      status: z
        .object({
          conditions: z
            .array(z.object({ type: z.string(), status: z.string(), lastTransitionTime: z.coerce.date().optional() }))
            .optional(),
        })
        .optional(),
    }),
  ),
});

/** A lab with everything on: when its first certificates are there, its memory, and a hundred certificates more. */
export async function measureCertificates(parts: UpParts, figures: Figures, engine: EngineName): Promise<void> {
  const { progress } = parts;
  const begun = Date.now();
  await labRun({ lab: BENCH_LAB, servers: 1, agents: 2, k3s: "hollow", engine }, parts);
  const since = (at: Date | undefined): number => ((at?.getTime() ?? Number.NaN) - begun) / 1000;
  for (const [name, how] of [
    ["default/inside", "of the internal authority"],
    ["default/outside", "by DNS-01; a minute of it is a wait that cert-manager has for name servers"],
  ] as const) {
    figures.add({
      what: `first certificate ${name === "default/inside" ? "inside" : "from the ACME server"}`,
      value: seconds(since((await readyTimes(parts)).get(name))),
      how: `from the start of 'lab run' on fresh hosts to Ready, ${how}`,
    });
  }
  const docker = await findContainerEngine(parts.paths, progress, parts.consent);
  const memory = await hostMemory(docker, BENCH_LAB);
  figures.add({
    what: "memory of a lab of three nodes",
    value: mebibytes(total(memory)),
    aim: "under 2.5 GiB",
    how: `docker stats and shims, certificates issued; ${memory.map((one) => `${one.host} ${mebibytes(total([one]))}`).join(", ")}`,
  });
  figures.add({ what: `${String(MANY)} certificates`, ...(await measureMany(parts)) });
}

async function measureMany(parts: UpParts): Promise<{ readonly value: string; readonly how: string }> {
  const names = Array.from({ length: MANY }, (_, index) => `bench-${String(index)}`);
  const objects = names.map((name) => ({
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      secretName: name,
      dnsNames: [`${name}.lab.test`],
      issuerRef: { name: INTERNAL_CA, kind: "ClusterIssuer" },
      privateKey: { algorithm: "ECDSA", size: 256 },
    },
  }));
  return await parts.progress.step(`${String(MANY)} certificates`, async () => {
    const begun = performance.now();
    await kubectl(parts, "apply -f -", JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    const applied = performance.now();
    for (;;) {
      const ready = await readyTimes(parts);
      if (names.every((name) => ready.has(`${NAMESPACE}/${name}`))) break;
      if (performance.now() - applied > 600_000) throw new Error("not all certificates were issued within ten minutes");
      await sleep(250);
    }
    return {
      value: seconds((performance.now() - begun) / 1000),
      how: `ECDSA of the internal authority, from the start of their 'apply', which took ${seconds((applied - begun) / 1000)}, until all are Ready`,
    };
  });
}

/** When each certificate became Ready; those that are not have none. */
async function readyTimes(parts: UpParts): Promise<Map<string, Date | undefined>> {
  const { items } = issued.parse(JSON.parse(await kubectl(parts, "get certificates -A -o json")));
  return new Map(
    items.flatMap(({ metadata, status }) => {
      const ready = status?.conditions?.find(({ type, status: is }) => type === "Ready" && is === "True");
      return ready === undefined ? [] : [[`${metadata.namespace}/${metadata.name}`, ready.lastTransitionTime] as const];
    }),
  );
}

async function kubectl({ paths }: UpParts, words: string, input = ""): Promise<string> {
  const args = ["-F", paths.sshConfig, "-o", "BatchMode=yes", "server-1", `sudo -n k3s kubectl ${words}`];
  const { code, stdout, stderr } = await run("ssh", args, { input, timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`kubectl ${words}: ${stderr.trim()}`);
  return stdout;
}
