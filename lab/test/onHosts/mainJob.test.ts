import { FIRST_VERSION, itBringsUpTheCluster } from "./mainJob/bringUp";
import { itIssuesCertificates } from "./mainJob/certificates";
import { itChangesOnlyWhatItMust } from "./mainJob/changes";
import { itEndsWithNothingLeft } from "./mainJob/end";
import { itTellsFaults } from "./mainJob/faults";
import { itKeepsMembers } from "./mainJob/members";
import { itUpgrades } from "./mainJob/upgrade";
import { oneLab } from "./oneLab";

// One lab for all of it, in this order: each part leaves a cluster as the stack's file says.
describe("the main job on one server and two agents", function () {
  const theLab = oneLab(this, "test-main", async (lab) => {
    await lab.up({ servers: 1, agents: 2 });
    lab.set(["k3s", "version"], FIRST_VERSION);
  });

  describe("brings the cluster up", () => itBringsUpTheCluster(theLab));
  describe("issues certificates", () => itIssuesCertificates(theLab));
  describe("changes only what it must", () => itChangesOnlyWhatItMust(theLab));
  describe("adds and removes agents", () => itKeepsMembers(theLab));
  describe("tells what went wrong, and loses nothing", () => itTellsFaults(theLab));
  describe("upgrades", () => itUpgrades(theLab));
  describe("ends", () => itEndsWithNothingLeft(theLab));
});
