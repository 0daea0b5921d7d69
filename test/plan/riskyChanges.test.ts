import * as assert from "node:assert/strict";
import { styleText } from "node:util";
import { comparePlans } from "../../plan/compare/compare";
import type { RiskyChange } from "../../plan/compare/difference";
import type { Plan } from "../../plan/model";
import { renderDifferenceMarkdown } from "../../plan/render/differenceMarkdown";
import { renderDifferenceText } from "../../plan/render/differenceText";
import { colourPaint } from "../../plan/render/paint";
import { riskyChanges } from "../../plan/compare/riskyChanges";
import { renderText } from "../../plan/render/text";
import { edited, planOf, stackText } from "./stacks";

describe("risky changes", function () {
  this.timeout(60_000);
  const staging = stackText("staging");
  let plan: Plan;
  before(async () => (plan = await planOf(staging, "staging")));

  type Nodes = Plan["nodes"];
  const withNodes = (change: (node: Nodes[number]) => Partial<Nodes[number]>): Plan => ({
    ...plan,
    nodes: plan.nodes.map((node) => ({ ...node, ...change(node) })),
  });
  const only = (name: string, change: Partial<Nodes[number]>): Plan =>
    withNodes((node) => (node.name === name ? change : {}));
  const servers = (change: Partial<Nodes[number]>): Plan => withNodes(({ role }) => (role === "server" ? change : {}));
  const what = (before: Plan, after: Plan): string[] => riskyChanges(before, after).map((risk) => risk.what);
  const one = (before: Plan, after: Plan): RiskyChange => {
    const found = riskyChanges(before, after);
    assert.equal(found.length, 1, JSON.stringify(found));
    return found[0]!;
  };

  it("are a name that changes at the same address, whoever logs in", async () => {
    const text = edited(staging, ["- name: rack-a1\n", "- name: worker1\n"]);
    const after = await planOf(text, "staging");
    const { address } = plan.nodes.find(({ name }) => name === "rack-a1") ?? { address: "" };
    assert.deepEqual(one(plan, after), {
      what: `rack-a1 is called worker1 at the same address ${address}`,
      happens: "a node cannot be renamed: the host knows its name, and refuses before anything is touched",
      refused: true,
      remedy: "take rack-a1 out, 'pulumi up', then add worker1 and 'pulumi up' again",
    });
    const ssh = plan.nodes.find(({ name }) => name === "rack-a1")?.ssh.replace(/^[^@]*/, "somebody") ?? "";
    assert.match(one(plan, only("rack-a1", { name: "worker1", ssh })).what, /is called worker1/);
  });

  it("are what no longer keeps to the stack's rules, and the verdict says what they refuse", () => {
    const violation = {
      rule: "image-pinned",
      level: "warn",
      at: "Job default/smoke",
      problem: "container job runs smoke",
      reason: "each node may run another version",
      remedy: "write a tag",
    } as const;
    const found = { ...plan, policy: [violation] };
    assert.deepEqual(one(plan, found), {
      what: "Job default/smoke: container job runs smoke",
      happens: "each node may run another version (image-pinned)",
      remedy: "write a tag",
    });
    assert.deepEqual(what(found, found), [], "it was so before");
    assert.deepEqual(what(found, plan), []);
    const refused = { ...plan, policy: [{ ...violation, level: "refuse" } as const] };
    assert.equal(one(found, refused).happens, "'up' refuses it (image-pinned): each node may run another version");
    const line = (before: Plan, after: Plan) => comparePlans(before, after, "main").verdict.line;
    const refusal = "the policy refuses: Job default/smoke container job runs smoke; nothing changes";
    assert.equal(line(found, refused), refusal);
    assert.equal(line(refused, refused), refusal, "'up' goes by what is, not by what changes");
    assert.equal(line(plan, found), "nothing changes");
    const { policy: _, ...older } = plan;
    assert.deepEqual(what(older, found).length, 1, "a release before this says nothing of a policy");
  });

  it("are a k3d cluster that is made anew, or deleted", async () => {
    const dock = (agents: number): Promise<Plan> =>
      planOf(`config:\n  groundwork:cluster: { k3d: { agents: ${String(agents)} } }\n`, "dock");
    const [before, after] = [await dock(1), await dock(2)];
    assert.deepEqual(what(before, before), []);
    assert.deepEqual(one(before, after), {
      what: "the k3d cluster is made anew",
      happens: "k3d cannot change a cluster that runs: its containers are deleted with all volumes in them",
      remedy: "save what you need first, or take the change back",
    });
    assert.deepEqual(what(before, plan), ["the k3d cluster is deleted"]);
  });

  it("are two nodes that change their places", () => {
    const [a1, a2] = ["rack-a1", "rack-a2"].map((name) => plan.nodes.find((node) => node.name === name)!);
    const after = withNodes(({ name }) =>
      name === "rack-a1"
        ? { address: a2!.address, ssh: a2!.ssh }
        : name === "rack-a2"
          ? { address: a1!.address, ssh: a1!.ssh }
          : {},
    );
    assert.deepEqual(what(plan, after), [
      `rack-a2 is called rack-a1 at the same address ${a2!.address}`,
      `rack-a1 is called rack-a2 at the same address ${a1!.address}`,
    ]);
  });

  it("are an address that changes under the same name", () => {
    const risk = one(plan, only("rack-a1", { address: "10.9.9.9", ssh: "admin@10.9.9.9" }));
    assert.match(risk.what, /^rack-a1 moves from .* to 10\.9\.9\.9$/);
    assert.match(
      risk.happens,
      /same machine .* goes on as before; another machine is refused while the Node rack-a1 is Ready/,
    );
    assert.match(risk.remedy, /take rack-a1 out, 'pulumi up', then add it with the new address/);
  });

  it("are versions of servers that skip a minor version or go back, and not those of agents", () => {
    const from = (version: string): Plan => servers({ version });
    const up = one(from("v1.33.9+k3s1"), plan);
    assert.match(up.what, /^rack-s1, rack-s2, rack-s3: k3s v1\.33\.9\+k3s1 to v1\.36\.4\+k3s1 skips a minor version$/);
    assert.match(`${up.happens} ${up.remedy}`, /hosts refuse go to the newest v1\.34 first/);
    assert.deepEqual(what(from("v1.35.1+k3s1"), plan), []);
    const back = one(plan, from("v1.35.6+k3s1"));
    assert.match(`${back.what}; ${back.happens}`, /goes back a minor version; .*hosts refuse/);
    assert.match(one(plan, from("v1.36.3+k3s1")).what, /is a downgrade$/);
    assert.deepEqual(what(only("rack-a1", { version: "v1.33.9+k3s1" }), plan), []);
  });

  it("are versions of Longhorn that skip a minor version or go back, and of no chart of one's own", async () => {
    const planWith = async (longhorn: string): Promise<Plan> =>
      planOf(
        edited(staging, ["    longhorn:\n      default: true\n", `    longhorn:\n      default: true\n${longhorn}`]),
        "staging",
      );
    const of = (version: string): Promise<Plan> => planWith(`      version: ${version}\n`);
    const [old, now] = [await of("1.9.2"), await of("1.11.3")];
    const up = one(old, now);
    assert.equal(up.what, "longhorn 1.9.2 to 1.11.3 skips a minor version");
    assert.match(up.remedy, /go to the newest 1\.10 first/);
    assert.deepEqual(what(await of("1.10.2"), now), []);
    assert.match(one(now, old).what, /^longhorn 1\.11\.3 to 1\.9\.2 is a downgrade$/);
    const own = await planWith("      version: 7.0.0\n      chart: oci://registry.example.org/longhorn\n");
    assert.deepEqual(what(old, own), []);
  });

  it("are a token that is set, or is not any more", async () => {
    const text = edited(staging, ["groundwork:k3s:\n", "groundwork:k3s:\n    token:\n      secure: AAAA\n"]);
    const set = await planOf(text, "staging");
    assert.deepEqual(what(plan, set), ["k3s.token is set"]);
    assert.match(what(set, plan).join(), /^k3s\.token is not set any more, and a new token is generated$/);
    assert.match(
      one(plan, set).happens,
      /saves a snapshot of etcd and rotates it, and the servers restart one after another/,
    );
    const agents = await planOf(text.replace("    token:", "    agentToken:"), "staging");
    assert.match(one(plan, agents).happens, /agents go on, and read it when they start the next time/);
  });

  it("are roles, servers and networks that a living cluster keeps", async () => {
    const network = edited(staging, ["groundwork:network:\n", "groundwork:network:\n    podCidr: 10.52.0.0/16\n"]);
    assert.deepEqual(what(plan, await planOf(network, "staging")), [
      "cluster-cidr changes from 10.42.0.0/16 to 10.52.0.0/16",
    ]);
    assert.match(what(plan, only("rack-a1", { role: "server" })).join(), /^rack-a1 becomes a server,4 servers$/);
    const fewer = { ...plan, nodes: plan.nodes.filter(({ name }) => !["rack-s1", "rack-s2"].includes(name)) };
    assert.deepEqual(what(plan, fewer), [
      "rack-s1, rack-s2: 2 of 3 servers go",
      "the first server changes from rack-s1 to rack-s3",
    ]);
  });

  it("are a k3s that is taken over, when it appears first, in a new stack too; and nothing afterwards", () => {
    const after = withNodes(({ name }) => ({ adopt: name === "rack-s1" || name === "rack-a1" }));
    const both = ["rack-s1", "rack-a1"].map((name) => `${name}: a k3s that somebody else installed is taken over`);
    assert.deepEqual(what(plan, after), both);
    assert.deepEqual(
      riskyChanges(undefined, after).map((risk) => risk.what),
      both,
    );
    assert.match(riskyChanges(plan, after)[0]!.happens, /SQLite become etcd, one way: state\.db is saved before/);
    assert.deepEqual(what(after, after), []);
    assert.match(renderText(after, { width: 100 }), /^ +rack-s1 .+\n(.+\n)? +takes over a k3s that is there$/m);
  });

  it("are bold, with what happens and what to do", () => {
    const difference = comparePlans(plan, only("rack-a1", { name: "worker1" }), "main");
    const text = renderDifferenceText(difference, { width: 100, paint: colourPaint });
    const lines = text.split("\n");
    const at = lines.findIndex((line) => line.includes("Risky: "));
    const [title = "", happens = ""] = lines.slice(at);
    assert.ok(title.includes(styleText("bold", `Risky: ${difference.risky[0]?.what}`, { validateStream: false })));
    assert.match(happens, /^ {4}happens {3}a node cannot be renamed/);
    assert.match(text, /^ {4}do {8}take rack-a1 out/m);
    assert.match(
      renderDifferenceMarkdown(difference),
      /^> ⚠️ \*\*Risky: rack-a1 is called worker1 .*\*\*\n> A node cannot be renamed: .*\. What to do: take rack-a1 out, .*\.$/m,
    );
  });

  it("are other disks of a node that Longhorn knows already", () => {
    const annotations = { "node.longhorn.io/default-disks-config": '[{"path":"/mnt/ssd1"}]' };
    const release = { name: "longhorn", chart: "longhorn", version: "1.11.3" } as Plan["releases"][number];
    const withLonghorn = (of: Plan): Plan => ({
      ...of,
      releases: [...of.releases.filter(({ name }) => name !== "longhorn"), release],
    });
    const name = plan.nodes[0]!.name;
    assert.match(
      one(withLonghorn(plan), withLonghorn(only(name, { annotations }))).what,
      new RegExp(`^${name}: disks or tags`),
    );
    const added = { ...plan, nodes: plan.nodes.slice(1) };
    assert.ok(
      !what(withLonghorn(added), withLonghorn(only(name, { annotations }))).some((text) =>
        text.includes("disks or tags"),
      ),
    );
  });
});
