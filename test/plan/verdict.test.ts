import * as assert from "node:assert/strict";
import { comparePlans } from "../../plan/compare/compare";
import type { Verdict } from "../../plan/compare/difference";
import type { Plan } from "../../plan/model";
import { edited, planOf, stackText } from "./stacks";

describe("the verdict of a change", function () {
  this.timeout(60_000);
  const dev = stackText("dev");
  const staging = stackText("staging");
  const plans = new Map<string, Plan>();
  before(async () => {
    plans.set("dev", await planOf(dev));
    plans.set("staging", await planOf(staging, "staging"));
  });

  const verdict = async (stack: "dev" | "staging", ...edits: (readonly [string, string])[]): Promise<Verdict> => {
    const text = edited(stack === "dev" ? dev : staging, ...edits);
    return comparePlans(plans.get(stack), await planOf(text, stack), "main").verdict;
  };
  const rows = ({ hosts }: Verdict): string[] =>
    hosts.map(({ order, name, k3s, drain, changes }) => [order, name, k3s, drain, changes].join(" | "));
  const withoutCedar = [dev.slice(dev.indexOf("    - name: cedar"), dev.indexOf("  groundwork:network")), ""] as const;

  it("is that nothing changes where that is so", async () => {
    assert.deepEqual(await verdict("dev"), { line: "nothing changes", hosts: [], bites: [] });
  });

  it("tells what etcd and the API bear while servers restart", async () => {
    const ports = ["groundwork:network:\n", "groundwork:network:\n    nodePortRange: 30000-33000\n"] as const;
    const found = await verdict("staging", ports);
    assert.equal(
      found.line,
      "3 servers restart one at a time; the API stays up; etcd keeps 2 of 3; each is drained first; nothing is deleted",
    );
    assert.deepEqual(rows(found), [
      "1 | rack-s1 | restarts | yes | config.yaml",
      "2 | rack-s2 | restarts | yes | config.yaml",
      "3 | rack-s3 | restarts | yes | config.yaml",
    ]);
    assert.match(
      (await verdict("dev", ["20000-32767", "1-65535"])).line,
      /^1 server restarts; the API is away meanwhile, as this is the only server; drained first;/,
    );
  });

  it("says where the API's address is that of a server which restarts", async () => {
    const address = /apiAddress: .*\n/.exec(staging)?.[0] ?? assert.fail("staging has no apiAddress");
    const first = /name: rack-s1\n(?:.*\n)*? +address: (\S+)/.exec(staging)?.[1] ?? "";
    const text = edited(staging, [address, `apiAddress: ${first}\n`], ["    apiThrough: ssh\n", ""]);
    const changed = edited(text, ["groundwork:network:\n", "groundwork:network:\n    nodePortRange: 30000-33000\n"]);
    const { line } = comparePlans(await planOf(text, "staging"), await planOf(changed, "staging"), "main").verdict;
    assert.match(line, /the API stays up, but does not answer at its address, that of rack-s1, while that restarts;/);
  });

  it("has as many agents at once as may be drained, and all of a lane where none is", async () => {
    const agents = ["groundwork:k3s:\n", "groundwork:k3s:\n    agent:\n      kubelet-arg: [max-pods=200]\n"] as const;
    const roll = (text: string) => ["groundwork:rollout:\n", `groundwork:rollout:\n    ${text}\n`] as const;
    assert.match((await verdict("staging", agents)).line, /^3 agents restart one at a time; the API stays up; each is/);
    const never = await verdict("staging", agents, roll("drain: never"));
    assert.match(never.line, /^3 agents restart up to 3 at once; the API stays up; none is drained;/);
    assert.ok(never.hosts.some(({ drain }) => drain === "no: rollout.drain is never"));
    const two = await verdict("staging", agents, roll("maxUnavailable: 2"));
    assert.match(two.line, /^3 agents restart up to 2 at once;/);
  });

  it("restarts nothing for a label or a resolver", async () => {
    const label = await verdict("dev", ["disk: ssd", "disk: nvme"]);
    assert.equal(label.line, "no node restarts; nothing is deleted");
    assert.deepEqual(rows(label), ["1 | birch | goes on |  | labels"]);
    const resolver = await verdict("dev", ["upstream: [192.168.10.1]", "upstream: [192.168.10.2]"]);
    assert.match(resolver.line, /^no node restarts; CoreDNS restarts where it runs on 3 nodes;/);
  });

  it("names what is deleted and what goes with it", async () => {
    const found = await verdict("dev", withoutCedar);
    assert.match(found.line, /; 1 agent leaves; deleted: 1 node$/);
    assert.deepEqual(rows(found), ["last | cedar | is uninstalled | yes | leaves the cluster; its data are deleted"]);
    assert.deepEqual(found.bites, ["deleted: node cedar, with k3s and all data on it"]);
  });

  it("tells of a node that joins", async () => {
    const before = await planOf(edited(dev, withoutCedar));
    const { line, hosts } = comparePlans(before, plans.get("dev")!, "main").verdict;
    assert.match(line, /^no node restarts; 1 agent joins; nothing is deleted$/);
    assert.deepEqual(rows({ line, hosts, bites: [] }), ["1 | cedar | starts |  | joins"]);
  });

  it("begins with what the hosts refuse", async () => {
    const { line } = await verdict("staging", ["groundwork:k3s:\n", "groundwork:k3s:\n    version: v1.35.6+k3s1\n"]);
    assert.match(
      line,
      /^the hosts refuse: rack-s1, rack-s2, rack-s3: k3s \S+ to v1\.35\.6\+k3s1 goes back a minor version;/,
    );
  });

  it("names releases of one replica where a node is drained", async () => {
    const before = await planOf(
      edited(staging, ["replicas: 2\n    serviceType", "replicas: 1\n    serviceType"]),
      "staging",
    );
    const agents = ["groundwork:k3s:\n", "groundwork:k3s:\n    agent:\n      kubelet-arg: [max-pods=200]\n"] as const;
    const text = edited(staging, ["replicas: 2\n    serviceType", "replicas: 1\n    serviceType"], agents);
    const { bites } = comparePlans(before, await planOf(text, "staging"), "main").verdict;
    assert.match(bites.join("\n"), /^away while its node is drained, .*ingress-nginx \(controller\.replicaCount: 1\)/m);
  });
});
