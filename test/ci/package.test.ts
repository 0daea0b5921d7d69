import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

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

/** The packages that a folder's TypeScript takes from the registry. */
function packagesOf(folder: string): Set<string> {
  const files = fs
    .readdirSync(path.join(ROOT, folder), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"));
  const modules = files.flatMap((file) => ts.preProcessFile(read(path.join(folder, file)), true, true).importedFiles);
  const names = modules.map(({ fileName }) => fileName).filter((name) => !/^(\.|\/|node:)/.test(name));
  return new Set(names.map((name) => name.split("/", name.startsWith("@") ? 2 : 1).join("/")));
}

describe("package.json", () => {
  const manifest = JSON.parse(read("package.json")) as Package;
  const lab = JSON.parse(read("lab/package.json")) as Package;
  const lock = JSON.parse(read("package-lock.json")) as LockFile;
  const all = ({ dependencies, devDependencies }: Package): Record<string, string> => ({
    ...dependencies,
    ...devDependencies,
  });

  it("pins every dependency to one version, the same one in every package here", () => {
    for (const [name, version] of [...Object.entries(all(manifest)), ...Object.entries(all(lab))]) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
      assert.equal(version, all(manifest)[name] ?? version, name);
    }
  });

  it("names in the lab's own every package that the lab takes", () => {
    const lacking = [...packagesOf("lab")].filter((name) => !(name in all(lab)));
    assert.deepEqual(lacking, []);
  });

  it("depends on nothing that needs a package of the user's own choice besides Pulumi's SDK", () => {
    // ts-node as a dependency had npm look for its TypeScript, take the newest, and refuse it for Pulumi's SDK.
    for (const name of Object.keys(manifest.dependencies)) {
      const { peerDependencies = {}, peerDependenciesMeta = {} } = JSON.parse(
        read(path.join("node_modules", name, "package.json")),
      ) as {
        readonly peerDependencies?: Readonly<Record<string, string>>;
        readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
      };
      const needed = Object.keys(peerDependencies).filter((peer) => peerDependenciesMeta[peer]?.optional !== true);
      assert.deepEqual(
        needed.filter((peer) => peer !== "@pulumi/pulumi"),
        [],
        name,
      );
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
