import * as assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addons } from "../../addons/all";
import { versions } from "../../config/versions/pins";

const ROOT = join(__dirname, "..", "..");

interface Manager {
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
  readonly versioningTemplate?: string;
}

const { customManagers } = JSON.parse(readFileSync(join(ROOT, ".github", "renovate.json"), "utf8")) as {
  readonly customManagers: readonly Manager[];
};

/** What Renovate finds: the groups of each match. */
function found({ managerFilePatterns, matchStrings }: Manager): Record<string, string>[] {
  const isMeant = (file: string): boolean =>
    managerFilePatterns.some((pattern) => new RegExp(pattern.replaceAll(/^\/|\/$/g, "")).test(file));
  const files = globSync(["addons/*/*.ts", "config/versions/*.ts", "Pulumi*.yaml"], { cwd: ROOT }).filter(isMeant);
  return files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return matchStrings.flatMap((each) =>
      [...text.matchAll(new RegExp(each, "g"))].map(({ groups }) => ({ ...groups })),
    );
  });
}

describe("the configuration of Renovate", () => {
  const [charts, k3s] = customManagers as [Manager, Manager];

  it("finds every chart that is pinned, with its repository", () => {
    const pinned = addons.flatMap(({ chart }) =>
      chart === undefined ? [] : [[chart.chart, chart.repo, chart.version]],
    );
    const seen = found(charts).map(({ depName, registryUrl, currentValue }) => [depName, registryUrl, currentValue]);
    assert.deepEqual(seen.sort(), pinned.sort());
  });

  it("finds the pinned k3s, and can tell its versions apart", () => {
    assert.ok(found(k3s).some(({ currentValue }) => currentValue === versions.k3s));
    const versioning = new RegExp((k3s.versioningTemplate ?? "").replace(/^regex:/, ""));
    assert.deepEqual(
      { ...versioning.exec("v1.36.4+k3s2")?.groups },
      { major: "1", minor: "36", patch: "4", build: "2" },
    );
    assert.equal(versioning.exec("v1.36.4-rc1+k3s1"), null);
  });
});
