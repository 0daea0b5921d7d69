import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

const ROOT = path.join(__dirname, "..", "..");
const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), "utf8");

interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean; readonly resolved?: string }>>;
}

describe("package.json", () => {
  const manifest = JSON.parse(read("package.json")) as Package;
  const lock = JSON.parse(read("package-lock.json")) as LockFile;

  it("pins every dependency to one version", () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
    }
  });

  it("says of every package that would run a script on installation whether it may", () => {
    const withScript = Object.entries(lock.packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([location]) => location.replace(/^.*node_modules\//, ""));
    for (const name of withScript) {
      assert.ok(
        name in manifest.allowScripts,
        `${name} is missing in allowScripts: npm ci would warn, and npm 12 skip it`,
      );
    }
    assert.deepEqual(
      Object.keys(manifest.allowScripts).filter((name) => manifest.allowScripts[name]),
      ["node"],
      "only node needs its script: it brings the Node that everything runs on",
    );
  });

  it("is locked without the name of any registry's host", () => {
    assert.doesNotMatch(read("package-lock.json"), /https?:\/\/[^"]*\.tgz/);
    assert.match(read(".npmrc"), /^omit-lockfile-registry-resolved=true$/m);
  });
});
