import * as assert from "node:assert/strict";
import { addons } from "../../addons/all";
import { longhorn } from "../../addons/longhorn/addon";
import { certManager } from "../../addons/cert-manager/addon";
import { compatibilityOf, type PinnedChart } from "../../addons/pinnedChart";

const charts = addons.flatMap(({ chart }) => chart ?? []);
const chartOf = ({ chart }: { readonly chart?: PinnedChart }): PinnedChart => {
  assert.ok(chart);
  return chart;
};

describe("the pinned charts", () => {
  it("are versions of which is known what they need", () => {
    const unknown = charts.filter((chart) => compatibilityOf(chart, chart.version) === undefined);
    assert.ok(charts.length >= 4);
    assert.deepEqual(unknown, []);
  });
});

describe("compatibilityOf", () => {
  it("takes a whole series and nothing that only begins like it", () => {
    assert.equal(compatibilityOf(chartOf(longhorn), "1.11.0")?.needs, "1.25");
    assert.equal(compatibilityOf(chartOf(longhorn), "1.11.3")?.needs, "1.34");
    assert.equal(compatibilityOf(chartOf(longhorn), "1.110.0"), undefined);
    assert.equal(compatibilityOf(chartOf(certManager), "1.20.1")?.series, "v1.20");
  });
});
