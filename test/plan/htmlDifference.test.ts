import * as assert from "node:assert/strict";
import { comparePlans } from "../../plan/compare/compare";
import type { Plan } from "../../plan/model";
import { renderDifferencePage } from "../../plan/render/html/differencePage";
import { attributeOf, elementsIn, parsedPage, tagged, textOf, type Element } from "./parsedPage";
import { edited, planOf, stackText } from "./stacks";

describe("a difference as a page", function () {
  this.timeout(60_000);
  let was: Plan;
  let is: Plan;
  let elements: Element[];

  before(async () => {
    was = await planOf(stackText("prod"), "prod");
    is = await planOf(
      edited(
        stackText("prod"),
        ["name: par-a3", "name: par-a4"],
        ["address: 192.0.2.23", "address: 192.0.2.24"],
        ["internalIp: 10.60.0.23", "internalIp: 10.60.0.24"],
        ["streaming-connection-idle-timeout=5m", "streaming-connection-idle-timeout=6m"],
        ["requests.memory: 16Gi", "requests.memory: 20Gi"],
      ),
      "prod",
    );
    elements = parsedPage(renderDifferencePage(comparePlans(was, is, "main"), is));
  });

  it("says first what everything comes to", () => {
    const [verdict = assert.fail()] = tagged(elements, "p", "verdict");
    assert.equal(textOf(verdict), comparePlans(was, is, "main").verdict.line);
    assert.match(textOf(verdict), /^3 servers restart one at a time.*1 agent joins; 1 agent leaves/);
  });

  it("draws what happens where, and says it in words", () => {
    const stateOf = (state: string): (string | undefined)[] =>
      tagged(elements, "g", state).map((group) => tagged(elementsIn(group), "text", "name").map(textOf)[0]);
    assert.deepEqual(stateOf("joins"), ["par-a4"]);
    assert.deepEqual(stateOf("leaves"), ["par-a3"]);
    assert.deepEqual(stateOf("restarts"), ["fra-s1", "hel-s2", "par-s3"]);
    const [words = assert.fail()] = tagged(elements, "desc");
    assert.match(textOf(words), /par-a4 \(agent, [^)]*, k3s starts\)/);
    assert.match(textOf(words), /Not in the plan any more: par-a3 \(agent, k3s is uninstalled, drained first\)\./);
  });

  it("has in the timeline what happens in each step, and at its end who leaves", () => {
    const [timeline = assert.fail()] = tagged(elements, "ol", "timeline");
    const steps = timeline.childNodes.map(textOf);
    assert.equal(steps[0], "Step 1fra-s1 server: k3s restarts, drained first");
    assert.equal(steps[1], "Step 2Nothing changes: credentials, kubeconfig");
    assert.match(steps[6] ?? "", /^Step 7namespaces: 1 changedNothing changes: cert-manager, /);
    assert.equal(steps.at(-1), "Lastpar-a3: k3s is uninstalled, drained first");
  });

  it("hides what is unchanged by style alone, and shows of a value only the lines that differ", () => {
    const [table = assert.fail()] = tagged(elements, "div", "filtered");
    const rows = tagged(elementsIn(table), "tr").slice(1);
    const [same, changed] = [true, false].map((wanted) =>
      rows.filter((row) => (attributeOf(row, "class") === "same") === wanted),
    );
    const names = (all: readonly Element[] | undefined): string[] =>
      (all ?? []).flatMap((row) => tagged(elementsIn(row), "th").map(textOf));
    assert.deepEqual(names(changed), ["fra-s1, hel-s2, par-s3", "par-a4", "par-a3", "monitoring-quota"]);
    assert.ok(names(same).includes("shop-quota"));
    assert.ok(!names(same).includes("monitoring-quota"));
    assert.ok(!names(same).some((name) => name.startsWith("fra-s1-")), "the steps of a machine are part of it");
    const [quota = assert.fail()] = rows.filter((row) => textOf(row).startsWith("monitoring-quota"));
    assert.deepEqual(tagged(elementsIn(quota), "del").map(textOf), ["-    requests.memory: 16Gi"]);
    assert.deepEqual(tagged(elementsIn(quota), "ins").map(textOf), ["+    requests.memory: 20Gi"]);
    assert.match(
      tagged(elements, "style").map(textOf).join(""),
      /:not\(:has\(\.all:checked\)\) \.same \{ display: none; \}/,
    );
  });

  it("shows nothing of a value that is a secret on one side", () => {
    const withInput = (plan: Plan, value: string): Plan => ({
      ...plan,
      resources: plan.resources.map((resource) =>
        resource.name === "monitoring-quota" ? { ...resource, inputs: { password: value } } : resource,
      ),
      outputs: { ...plan.outputs, password: value },
    });
    const [secret, plain] = [withInput(was, "[secret]"), withInput(was, "hunter2hunter2")];
    for (const [base, head] of [
      [secret, plain],
      [plain, secret],
    ] as const) {
      const page = renderDifferencePage(comparePlans(base, head, "main"), head);
      assert.match(page, /\[secret\], in plain text/);
      assert.doesNotMatch(page, /hunter2/);
    }
  });

  it("says of the same that nothing changes, and has no timeline", () => {
    const same = parsedPage(renderDifferencePage(comparePlans(was, was, "main"), was));
    assert.equal(textOf(tagged(same, "p", "verdict")[0] ?? assert.fail()), "nothing changes");
    assert.equal(tagged(same, "ol", "timeline").length, 0);
    assert.equal(tagged(same, "svg").length, 1);
  });
});
