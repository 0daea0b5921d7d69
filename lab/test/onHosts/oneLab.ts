import type { Suite } from "mocha";
import { type ClusterOnLab, clusterOnLab, lastLines, whyNoCluster } from "./clusterOnLab";

/**
 * One lab for all tests of a suite, in their order; they are skipped with the reason where none can be made. What was printed
 * last is shown where a test fails, and GROUNDWORK_LAB_KEEP keeps the lab.
 *
 * @param prepare Makes the hosts and says what the stack is to be, before the first test.
 */
export function oneLab(suite: Suite, name: string, prepare: (lab: ClusterOnLab) => Promise<void>): () => ClusterOnLab {
  suite.timeout(1_200_000);
  suite.slow(120_000);
  let made: ClusterOnLab | undefined;
  const theLab = (): ClusterOnLab => {
    if (made === undefined) throw new Error("there is no lab");
    return made;
  };

  before(async function () {
    this.timeout(3_600_000);
    const reason = await whyNoCluster();
    if (reason !== undefined) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    made = await clusterOnLab(name);
    await prepare(made);
  });
  after(async () => {
    if (process.env["GROUNDWORK_LAB_KEEP"] === undefined) await made?.remove();
  });
  afterEach(function () {
    if (this.currentTest?.state === "failed") console.log(lastLines(theLab().said()));
  });
  return theLab;
}

/** The stack has k3s alone: no add-on, and no package that one would need on the hosts. */
export function withoutAddons(lab: ClusterOnLab): void {
  lab.set(["storage"], { localPath: { default: true } });
  lab.set(["ingress"], { controller: "none" });
  for (const key of ["issuers", "certificates", "namespaces"]) lab.set([key], undefined);
}
