import assert from "node:assert/strict";
import { join } from "node:path";
import { versions } from "../../../config/versions/pins";
import type { Difference } from "../../../plan/compare/difference";
import { ensureKey } from "../../hosts/keys";
import { OPERATOR_USER } from "../../naming";
import { claimsOf, doneBy, planOf, reportsOf, startTimes, touchedBy, type Doings } from "./claimed";
import type { ClusterOnLab } from "./clusterOnLab";
import { oneLab, withoutAddons } from "./oneLab";

const HOSTS = { servers: 3, agents: 2 };
const NODES = ["server-1", "server-2", "server-3", "agent-1", "agent-2"];
const FIRST_VERSION = "v1.36.2+k3s1";

const NOTHING: Doings = { starts: [], uninstalled: [], drained: [], deleted: [], releases: [] };

// One lab for all of it, in this order: what a pull request's comment says of a change is what 'up' then does.
describe("what the report claims of a change, and what up does", function () {
  let added: unknown;
  const theLab = oneLab(this, "test-claims", async (lab) => {
    await lab.up(HOSTS);
    await upgrade(lab, FIRST_VERSION);
    withoutAddons(lab);
    lab.set(["ingress"], {
      chart: "./addons/ingress-nginx/stand-in",
      controller: "ingress-nginx",
      kind: "DaemonSet",
      hostPorts: true,
      serviceType: "ClusterIP",
    });
    added = lab.removeNode("agent-2");
    await lab.apply();
  });

  /** Says another version, with its sum in the lab's mirror. */
  const upgrade = async (lab: ClusterOnLab, version: string): Promise<void> => {
    await lab.verbs.release([version], { name: lab.name });
    lab.set(["k3s", "version"], version);
    await lab.up(HOSTS);
  };

  /**
   * Makes a change, reads both reports of it, has it done, and compares.
   *
   * @param expected What is to be claimed, so that a report that says nothing does not pass with an 'up' that does nothing.
   */
  const holds = async (change: () => unknown, expected: Doings): Promise<Record<"base" | "live", Difference>> => {
    const lab = theLab();
    const [plan, before] = [await planOf(lab), await startTimes(lab)];
    await change();
    const reports = await reportsOf(lab, plan);
    const run = await lab.apply();
    const seen = { before, after: await startTimes(lab), run };
    for (const [view, report] of Object.entries(reports)) {
      const claims = claimsOf(report);
      assert.deepEqual(claims, expected, `claimed by ${view}: ${report.verdict.line}`);
      assert.deepEqual(doneBy(seen, claims.starts, NODES), claims, `done, and claimed otherwise by ${view}`);
    }
    // The engine knows of secrets as well: each machine that it goes to is named, and no other.
    assert.deepEqual(reports.live.verdict.hosts.map(({ name }) => name).sort(), touchedBy(run, NODES));
    assert.deepEqual((await lab.apply()).operations, [], "a second up has something left to do");
    return reports;
  };

  it("a k3s upgrade: servers one after another, then the agent, each drained; nothing is deleted", async () => {
    const { base, live } = await holds(
      async () => {
        await upgrade(theLab(), versions.k3s);
        // The lab's own verb writes an entry for each of its hosts.
        theLab().removeNode("agent-2");
      },
      {
        ...NOTHING,
        starts: [["server-1"], ["server-2"], ["server-3"], ["agent-1"]],
        drained: ["agent-1", "server-1", "server-2", "server-3"],
      },
    );
    for (const { verdict } of [base, live]) assert.match(verdict.line, /the API stays up.*; etcd keeps 2 of 3;/);
  });

  it("an added node: it alone starts", async () => {
    await holds(() => theLab().addNodeOnTop(added), { ...NOTHING, starts: [["agent-2"]] });
  });

  it("a removed server: drained and uninstalled, nobody else restarts, and it is all that is deleted", async () => {
    const { base } = await holds(
      () => {
        theLab().set(["cluster", "allowEvenServers"], true);
        theLab().removeNode("server-3");
      },
      { ...NOTHING, uninstalled: ["server-3"], drained: ["server-3"], deleted: ["server-3"] },
    );
    assert.match(base.verdict.line, /1 server leaves; etcd goes from 3 to 2 members/);
  });

  it("a changed ingress setting: the release changes, and no machine is asked", async () => {
    const { live } = await holds(
      () => {
        theLab().set(["ingress", "kind"], "Deployment");
        theLab().set(["ingress", "hostPorts"], false);
      },
      { ...NOTHING, releases: ["ingress-nginx"] },
    );
    assert.deepEqual(live.verdict.hosts, []);
  });

  it("another SSH key: every machine is reached by it, and none restarts", async () => {
    const lab = theLab();
    const { privateKey, publicKey } = await ensureKey(join(lab.paths.directory, "second-key"), "second operator");
    const { live } = await holds(async () => {
      for (const { name } of lab.state().hosts) {
        await lab.on(name, `echo '${publicKey}' >>/home/${OPERATOR_USER}/.ssh/authorized_keys`);
      }
      lab.setSecret(["ssh", "privateKey"], privateKey);
    }, NOTHING);
    assert.match(live.verdict.line, /^no node restarts; .*nothing is deleted$/);
    assert.deepEqual(
      live.verdict.hosts.map(({ k3s }) => k3s),
      ["server-1", "server-2", "agent-1", "agent-2"].map(() => "goes on"),
    );
  });
});
