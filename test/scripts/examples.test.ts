import * as assert from "node:assert/strict";
import { parse } from "yaml";
import { parseSettings } from "../../config/read/parse";
import { examples } from "../../scripts/examples";
import { problemLine } from "../../config/problem";
import { settingsSchema } from "../../config/read/schema";
import type { Settings } from "../../config/settings";

const all: Record<string, unknown> = Object.fromEntries(
  Object.entries(examples).map(([key, text]) => [key, parse(text) ?? {}]),
);

describe("the reference's examples", () => {
  it("are there for every key, and make one stack without a problem", () => {
    assert.deepEqual(Object.keys(all), Object.keys(settingsSchema.shape));
    const { problems, warnings } = parseSettings(all, { stack: "test", missingSecrets: "warning" });
    assert.deepEqual(problems.map(problemLine), []);
    const others = warnings.map(problemLine).filter((line) => !/ is not set; |^ingress\.version: /.test(line));
    assert.deepEqual(others, []);
  });

  it("say something that is not the default", () => {
    const of = (raw: Record<string, unknown>): Settings => {
      const { settings } = parseSettings(raw, { stack: "test", missingSecrets: "warning" });
      assert.ok(settings !== undefined);
      return settings;
    };
    const withAll = of(all);
    const without = of({ nodes: all["nodes"] });
    for (const key of Object.keys(examples).filter(
      (each) => each !== "nodes" && examples[each as keyof typeof examples] !== "",
    ) as (keyof typeof examples)[]) {
      assert.notDeepEqual(withAll[key], without[key], key);
    }
  });
});
