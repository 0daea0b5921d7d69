import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { POLICY_RULES, type PolicyRule } from "../../config/schema/policy";
import { comparePlans } from "../../plan/compare/compare";
import type { Plan } from "../../plan/model";
import { renderDifferencePage } from "../../plan/render/html/differencePage";
import { renderNodePage, renderPlanPage } from "../../plan/render/html/planPage";
import type { PlanValue } from "../../plan/values";
import { anyTexts } from "./nastyTexts";
import { attributeOf, elementsIn, foreignParts, parsedPage, tagged, textOf } from "./parsedPage";
import { edited, planOf, stackText, STACKS } from "./stacks";

describe("a plan as a page", function () {
  this.timeout(60_000);
  const plans = new Map<string, Plan>();
  let pages: readonly (readonly [name: string, page: string])[];
  const plan = (stack: string): Plan => plans.get(stack) ?? assert.fail(stack);

  before(async () => {
    for (const stack of STACKS) plans.set(stack, await planOf(stackText(stack), stack));
    const other = await planOf(edited(stackText("prod"), ["requests.memory: 16Gi", "requests.memory: 20Gi"]), "prod");
    const [node = assert.fail()] = plan("dev").nodes;
    pages = [
      ...STACKS.map((stack) => [stack, renderPlanPage(plan(stack))] as const),
      ["one node", renderNodePage(node)],
      ["a difference", renderDifferencePage(comparePlans(plan("prod"), other, "main"), other)],
      ["no difference", renderDifferencePage(comparePlans(plan("prod"), plan("prod"), "main"), plan("prod"))],
      ["a new stack", renderDifferencePage(comparePlans(undefined, plan("staging"), "main"), plan("staging"))],
    ];
  });

  it("is whole HTML of Groundwork's own elements", () => {
    for (const [name, page] of pages) assert.deepEqual(foreignParts(page), [], name);
  });

  it("allows nothing from outside, and of what is inside its one style and its one script", () => {
    for (const [name, page] of pages) {
      const elements = parsedPage(page);
      const digests = ["style", "script"].map((tag) => {
        const [own] = tagged(elements, tag);
        const text = own === undefined ? "" : textOf(own);
        return `${tag}-src 'sha256-${createHash("sha256").update(text).digest("base64")}'`;
      });
      const policy = elements.find((each) => attributeOf(each, "http-equiv") === "Content-Security-Policy");
      assert.deepEqual(
        attributeOf(policy, "content")?.split("; "),
        ["default-src 'none'", ...digests, "base-uri 'none'", "form-action 'none'"],
        name,
      );
      assert.doesNotMatch(page, /\ssrc=|url\(|@import|\bfetch\(|innerHTML/, name);
    }
  });

  it("has landmarks, headings in their order, and every place that is named", () => {
    for (const [name, page] of pages) {
      const elements = parsedPage(page);
      assert.equal(attributeOf(tagged(elements, "html")[0], "lang"), "en", name);
      for (const tag of ["header", "nav", "main", "footer", "h1"]) assert.equal(tagged(elements, tag).length, 1, tag);
      const levels = elements.filter(({ tagName }) => /^h\d$/.test(tagName)).map(({ tagName }) => Number(tagName[1]));
      assert.ok(
        levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1),
        `${name}: ${levels.join(" ")}`,
      );
      const ids = elements.flatMap((each) => attributeOf(each, "id") ?? []);
      assert.equal(new Set(ids).size, ids.length, name);
      const named = elements.flatMap((each) => [
        ...(attributeOf(each, "href") ?? "").split("#").slice(1),
        ...(attributeOf(each, "aria-labelledby") ?? "").split(" "),
      ]);
      assert.deepEqual(
        named.filter((id) => id !== "" && !ids.includes(id)),
        [],
        name,
      );
      assert.equal(
        attributeOf(
          elements.find(({ tagName }) => tagName === "a"),
          "href",
        ),
        "#main",
        name,
      );
      for (const table of tagged(elements, "table")) {
        assert.ok(
          table.childNodes.some(({ nodeName }) => nodeName === "caption"),
          name,
        );
      }
      assert.ok(
        tagged(elements, "th").every((cell) => attributeOf(cell, "scope") !== undefined),
        name,
      );
    }
  });

  it("shows the machines by zone, in the picture and in its words", () => {
    const elements = parsedPage(renderPlanPage(plan("prod")));
    const [picture = assert.fail()] = tagged(elements, "svg");
    assert.equal(attributeOf(picture, "role"), "img");
    const [words = assert.fail()] = tagged(elements, "desc");
    assert.match(
      textOf(words),
      /^API https:\/\/api\.prod\.example\.com:6443\. Zone fra: fra-s1 \(server, 10\.60\.0\.11 on wg0\); fra-a1 \(agent, /,
    );
    const drawn = tagged(elements, "text", "name").map(textOf);
    assert.deepEqual(drawn.slice(1), ["fra-s1", "fra-a1", "hel-s2", "hel-a2", "par-s3", "par-a3"]);
    assert.deepEqual(
      tagged(elements, "text", "soft")
        .map(textOf)
        .filter((text) => text.startsWith("zone ")),
      ["zone fra", "zone hel", "zone par"],
    );
  });

  it("shows what the policy refuses, with what to write", () => {
    const elements = parsedPage(renderPlanPage(hostilePlan(plan("dev"), "x")));
    const [refused = assert.fail()] = tagged(elements, "li", "refused");
    assert.match(textOf(refused), /^x: x.*, refused by 'up': x; x$/);
  });

  it("draws no way from the API to a server that is lost", () => {
    const [first = assert.fail(), ...others] = plan("prod").nodes;
    const pathsOf = (nodes: Plan["nodes"]): number =>
      tagged(parsedPage(renderPlanPage({ ...plan("prod"), nodes })), "path")
        .map((path) => attributeOf(path, "d") ?? "")
        .join(" ")
        .split("V").length;
    const lost = { ...first, lost: true, files: [] };
    assert.equal(pathsOf([...others, lost]), pathsOf([...others, first]) - 1);
    const [words = assert.fail()] = tagged(parsedPage(renderPlanPage({ ...plan("prod"), nodes: [lost] })), "desc");
    assert.match(textOf(words), /fra-s1 \(server, lost, /);
  });

  it("says of a cluster without machines of its own nothing in a picture", () => {
    const elements = parsedPage(renderPlanPage({ ...plan("dev"), nodes: [], rollout: [] }));
    assert.equal(tagged(elements, "svg").length, 0);
    assert.ok(
      !tagged(elements, "h2")
        .map(textOf)
        .some((title) => /Cluster|Nodes|Roll-out|Files/.test(title)),
    );
  });

  it("shows the virtual IP, and the servers that may bear it", async () => {
    const text = edited(
      stackText("staging"),
      ["apiAddress: k3s.staging.example.com", "virtualIp: { address: 10.40.0.10, interface: eth0 }"],
      ...[11, 12, 13].map(
        (last) => [`address: 10.40.0.${last}`, `address: 10.40.0.${last}\n      internalIp: 10.40.0.${last}`] as const,
      ),
    );
    const [words = assert.fail()] = tagged(parsedPage(renderPlanPage(await planOf(text, "staging"))), "desc");
    assert.match(textOf(words), /virtual IP 10\.40\.0\.10 on eth0/);
    assert.match(textOf(words), /rack-s1 \(server, may bear the virtual IP, /);
    assert.match(textOf(words), /rack-a1 \(agent, 10/);
  });

  it("has a step of the timeline for each wave, and a row for each resource", () => {
    const { rollout, resources } = plan("prod");
    const elements = parsedPage(renderPlanPage(plan("prod")));
    const steps = elements.filter(({ tagName }) => tagName === "h3").map(textOf);
    assert.deepEqual(
      steps,
      rollout.map(({ order }) => `Step ${order}`),
    );
    const [field = assert.fail()] = tagged(elements, "input");
    assert.equal(attributeOf(field, "type"), "search");
    assert.equal(attributeOf(tagged(elements, "label")[0], "hidden"), "", "without the script there is no search");
    const [table = assert.fail()] = tagged(elements, "div", "filtered");
    const rows = tagged(elementsIn(table), "tr");
    assert.equal(rows.length - 1, resources.length);
  });

  it("keeps hostile text text, wherever it stands", () => {
    fc.assert(
      fc.property(anyTexts, (text) => {
        const hostile = hostilePlan(plan("dev"), text);
        const difference = comparePlans(plan("dev"), hostile, text);
        for (const page of [renderPlanPage(hostile), renderDifferencePage(difference, hostile)]) {
          assert.deepEqual(foreignParts(page), []);
          assert.doesNotMatch(page, /(?![\n\t])\p{Cc}|[\u202e\u2028\ufeff]/u);
        }
      }),
      { numRuns: 60 },
    );
    const marked = hostilePlan(plan("dev"), '</script><script>alert("1")</script>');
    const [first = assert.fail()] = tagged(parsedPage(renderPlanPage(marked)), "th").filter((cell) =>
      textOf(cell).includes("alert"),
    );
    assert.equal(textOf(first), '</script><script>alert("1")</script>');
  });

  it("cuts a line that no browser bears", () => {
    const long = hostilePlan(plan("dev"), "x".repeat(200_000));
    const [pre = assert.fail()] = tagged(parsedPage(renderPlanPage(long)), "pre").filter((block) =>
      textOf(block).includes("characters more"),
    );
    assert.ok(textOf(pre).length < 60_000);
  });
});

/** A plan with a text wherever somebody's own text may be. */
function hostilePlan(plan: Plan, text: string): Plan {
  const value: PlanValue = { [text]: text };
  return {
    ...plan,
    project: text,
    summary: [{ label: "virtual IP", text }],
    warnings: [text],
    policy: [
      {
        rule: Object.keys(POLICY_RULES)[0] as PolicyRule,
        level: "refuse",
        at: text,
        problem: text,
        reason: text,
        remedy: text,
      },
    ],
    nodes: plan.nodes.map((node, index) => ({
      ...node,
      name: index === 0 ? text : node.name,
      ssh: text,
      interface: text,
      internalIp: text,
      labels: { [text]: text, "topology.kubernetes.io/zone": text },
      taints: [text],
      files: [{ path: text, mode: text, content: text }],
    })),
    rollout: [{ order: 1, units: [{ name: text, kind: "resource" }] }],
    releases: plan.releases.map((release) => ({ ...release, name: text, chart: text, repo: text, values: value })),
    issuers: [{ name: text, summary: text, spec: value }],
    certificates: [{ name: text, namespace: text, summary: text, spec: value }],
    namespaces: plan.namespaces.map((namespace) => ({
      ...namespace,
      name: text,
      labels: { [text]: text },
      access: [text],
    })),
    resources: [{ type: text, name: text, parent: text, inputs: { [text]: value }, dependsOn: [], protect: true }],
    outputs: { [text]: value, apiUrl: text },
  };
}
