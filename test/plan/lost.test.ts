import * as assert from "node:assert/strict";
import { comparePlans } from "../../plan/compare/compare";
import type { Difference } from "../../plan/compare/difference";
import type { Plan } from "../../plan/model";
import { renderMarkdown } from "../../plan/render/markdown";
import { renderText } from "../../plan/render/text";
import { edited, planOf, stackText } from "./stacks";

const staging = stackText("staging");

function lose(text: string, ...names: string[]): string {
  return edited(text, ...names.map((name) => [`- name: ${name}\n`, `- name: ${name}\n      lost: true\n`] as const));
}

/** The stack's file without some nodes. */
function without(text: string, ...names: string[]): string {
  return names.reduce((left, name) => left.replace(new RegExp(`    - name: ${name}\n(?:      .*\n)+`), ""), text);
}

describe("a plan with machines that are lost", function () {
  this.timeout(60_000);
  let plan: Plan;
  let lost: Plan;
  before(async () => {
    plan = await planOf(staging, "staging");
    lost = await planOf(lose(staging, "rack-s1"), "staging");
  });

  const changeOf = (difference: Difference, name: string): unknown => {
    const { action, notes, documents } = difference.changes.find((one) => one.name === name) ?? { documents: [] };
    return { action, notes, documents: documents.length };
  };

  it("says who forgets them, first of all", () => {
    const text = renderText(lost, { width: 100 });
    assert.match(
      text,
      /rack-s1 {2}server .*\n {4}lost: rack-s2 has the cluster forget it, and nothing is sent to it\n/,
    );
    assert.match(text, /Roll-out order\n {2}1 {2}rack-s1 \(lost: forgotten\)\n {2}2 {2}rack-s2 \(server\)\n/);
    assert.match(renderMarkdown(lost), /\| rack-s1 \| server, lost \|/);
  });

  it("names what happens when the first server is given up, and nothing of its files", () => {
    const difference = comparePlans(plan, lost, "HEAD");
    assert.deepEqual(
      difference.risky.map(({ what }) => what),
      ["rack-s1 is given up as lost", "2 servers"],
    );
    assert.deepEqual(difference.risky[0], {
      what: "rack-s1 is given up as lost",
      happens:
        "rack-s2 deletes its Node, its member of etcd, its password and its pods, which start elsewhere; data that were only on its disks are gone. Refused while the machine lives, or when etcd would have no quorum; rack-s2 becomes the first server: nodes join it, agents are worked on from it, and the API is reached there where cluster.apiAddress is not set",
      remedy:
        "make sure that the machine is off and stays off; after this 'pulumi up', take rack-s1 out of 'nodes' and run it again",
    });
    assert.deepEqual(changeOf(difference, "rack-s1"), {
      action: "changed",
      notes: [
        "is given up as lost: rack-s2 deletes its Node, member of etcd and password; nothing is asked of the machine",
      ],
      documents: 0,
    });
    // Neither of the others restarts.
    assert.deepEqual(
      difference.changes.filter(({ notes }) => notes.some((note) => note.includes("restart"))),
      [],
    );
  });

  it("says that nothing happens when the entry goes", async () => {
    const text = without(staging, "rack-s1").replace(
      "groundwork:cluster:\n",
      "groundwork:cluster:\n    allowEvenServers: true\n",
    );
    const difference = comparePlans(lost, await planOf(text, "staging"), "HEAD");
    assert.deepEqual(difference.risky, []);
    assert.deepEqual(
      difference.changes.map(({ name, action, notes }) => [name, action, notes]),
      [["rack-s1", "removed", ["has been forgotten: its entry goes, and nothing is asked of the machine"]]],
    );
  });

  it("says that a machine joins again when it is not lost any more", () => {
    const { address } = plan.nodes.find(({ name }) => name === "rack-s1")!;
    assert.deepEqual(changeOf(comparePlans(lost, plan, "HEAD"), "rack-s1"), {
      action: "changed",
      notes: [`is not lost any more: joins again as a server, at ${address}`],
      documents: 0,
    });
  });

  it("warns of an agent that goes in the same up as the server that works on it", async () => {
    const both = await planOf(without(lose(staging, "rack-s1"), "rack-a1"), "staging");
    const risky = comparePlans(plan, both, "HEAD").risky.find(({ what }) => what.startsWith("rack-a1"));
    assert.deepEqual(risky, {
      what: "rack-a1 goes in the same 'up' as rack-s1",
      happens: "what removes an agent is recorded to run on rack-s1, which does not answer: 'pulumi up' fails there",
      remedy: "leave rack-a1 in 'nodes' for this 'pulumi up', and take it out with the next",
    });
    const later = await planOf(without(lose(staging, "rack-s2"), "rack-a1"), "staging");
    assert.ok(!comparePlans(plan, later, "HEAD").risky.some(({ what }) => what.startsWith("rack-a1")));
  });

  it("tells another machine at another address from the same one, by its host key", async () => {
    const move = async (name: string, key: boolean): Promise<Difference> => {
      const node = plan.nodes.find((one) => one.name === name)!;
      const moved = edited(staging, [`address: ${node.address}\n`, "address: 10.40.0.99\n"]);
      const pattern = new RegExp(`(- name: ${name}\n(?: {6}.*\n)*? {6}hostKey: ssh-ed25519 )\\S+`);
      const other = "AAAAC3NzaC1lZDI1NTE5AAAAIJUV9kLbmwOQkGIMzEA6Ue5ZnBTPoPOAnQy5tXH7WkpF";
      return comparePlans(plan, await planOf(key ? moved.replace(pattern, `$1${other}`) : moved, "staging"), "HEAD");
    };
    const shown = async (name: string, key: boolean): Promise<string> => {
      const [risk] = (await move(name, key)).risky;
      return `${risk?.happens ?? ""}; ${risk?.remedy ?? ""}`;
    };
    assert.match(
      await shown("rack-a1", false),
      /^the same machine at a new address goes on as before; another machine is refused/,
    );
    assert.match(
      await shown("rack-a1", true),
      /^it is another machine, for its host key differs: refused while the old one lives; once Kubernetes misses it/,
    );
    assert.match(
      await shown("rack-s2", true),
      /^it is another machine, .* the host refuses while the cluster has a server of that name.*; if the old machine is gone for good, set lost: true on rack-s2, 'pulumi up', then take lost out again/,
    );
  });

  it("says that a server's address in the cluster does not change in place, and an agent's does", async () => {
    const at = (ip: string): string =>
      edited(
        staging,
        ["- name: rack-s2\n", `- name: rack-s2\n      internalIp: ${ip}\n`],
        ["- name: rack-a1\n", `- name: rack-a1\n      internalIp: ${ip}9\n`],
      );
    const [before, after] = [await planOf(at("10.41.0.1"), "staging"), await planOf(at("10.41.0.2"), "staging")];
    assert.deepEqual(comparePlans(before, after, "HEAD").risky, [
      {
        what: "rack-s2, a server, gets the address 10.41.0.2 inside of the cluster, instead of 10.41.0.1",
        happens:
          "etcd knows its members by their addresses, and k3s does not change one: refused before anything is touched",
        refused: true,
        remedy:
          "take rack-s2 out (cluster.allowEvenServers: true meanwhile), 'pulumi up', then add it with the new address",
      },
    ]);
  });
});
