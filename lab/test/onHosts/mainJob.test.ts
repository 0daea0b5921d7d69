import { type ClusterOnLab, clusterOnLab, lastLines, whyNoCluster } from "./clusterOnLab";
import { FIRST_VERSION, itBringsUpTheCluster } from "./mainJob/bringUp";
import { itChangesOnlyWhatItMust } from "./mainJob/changes";
import { itEndsWithNothingLeft } from "./mainJob/end";
import { itTellsFaults } from "./mainJob/faults";
import { itKeepsMembers } from "./mainJob/members";
import { itUpgrades } from "./mainJob/upgrade";

// One lab for all of it, in this order: each part leaves a cluster as the stack's file says.
describe("the main job on one server and two agents", function () {
  this.timeout(1_200_000);
  this.slow(120_000);
  let lab: ClusterOnLab | undefined;
  const theLab = (): ClusterOnLab => {
    if (lab === undefined) throw new Error("there is no lab");
    return lab;
  };

  before(async function () {
    this.timeout(3_600_000);
    const reason = await whyNoCluster();
    if (reason !== undefined) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    lab = await clusterOnLab("test-main");
    await lab.up({ servers: 1, agents: 2 });
    lab.set(["k3s", "version"], FIRST_VERSION);
  });
  after(async function () {
    if (process.env["GROUNDWORK_LAB_KEEP"] === undefined) await lab?.remove();
  });
  afterEach(function () {
    if (this.currentTest?.state === "failed") console.log(lastLines(theLab().said()));
  });

  describe("brings the cluster up", () => itBringsUpTheCluster(theLab));
  describe("changes only what it must", () => itChangesOnlyWhatItMust(theLab));
  describe("adds and removes agents", () => itKeepsMembers(theLab));
  describe("tells what went wrong, and loses nothing", () => itTellsFaults(theLab));
  describe("upgrades", () => itUpgrades(theLab));
  describe("ends", () => itEndsWithNothingLeft(theLab));
});
