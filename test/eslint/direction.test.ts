import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ESLint } from "eslint";
import * as ts from "typescript";
import { AROUND, importsOf } from "../../eslint/direction";

const ROOT = path.join(__dirname, "..", "..");

/** The checkout's own files that a file imports, with `require` and `import()` too, which the linter does not see. */
function imported(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(fs.readFileSync(path.join(ROOT, file), "utf8"), true, true);
  return importedFiles
    .filter((one) => one.fileName.startsWith("."))
    .map((one) => path.normalize(path.join(path.dirname(file), one.fileName)))
    .flatMap((target) => [`${target}.ts`, path.join(target, "index.ts"), target])
    .filter((target) => fs.statSync(path.join(ROOT, target), { throwIfNoEntry: false })?.isFile() === true);
}

/** Every file that the program loads, with the way from main.ts to it; throws at the first circle. */
function loadedByProgram(): Map<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>();
  const visit = (file: string, way: readonly string[]): void => {
    assert.ok(!way.includes(file), `imports go in a circle: ${[...way, file].join(" → ")}`);
    if (ways.has(file)) return;
    const here = [...way, file];
    ways.set(file, here);
    for (const next of imported(file)) visit(next, here);
  };
  visit("main.ts", []);
  return ways;
}

describe("direction of imports", () => {
  it("never leads from the program to what stands around it, and never in a circle", () => {
    for (const [file, way] of loadedByProgram()) {
      const room = file.split(path.sep)[0] ?? "";
      assert.ok(!AROUND.includes(room), `the program loads ${file}: ${way.join(" → ")}`);
    }
  });

  describe("as the linter holds it", () => {
    const linter = new ESLint({
      cwd: ROOT,
      overrideConfigFile: true,
      overrideConfig: importsOf().map((block) => ({
        ...block,
        languageOptions: { sourceType: "module" as const },
      })) as never,
    });
    const complaints = async (file: string, from: string): Promise<number> => {
      const [result] = await linter.lintText(`import { a } from "${from}";\nexport const b = a;\n`, {
        filePath: path.join(ROOT, file),
      });
      return result?.errorCount ?? Number.NaN;
    };
    const cases: readonly (readonly [file: string, from: string, refused: boolean])[] = [
      ["index.ts", "./components/stack", false],
      ["index.ts", "./plan/plan", true],
      ["main.ts", "./index", false],
      ["main.ts", "./plan/plan", true],
      ["main.ts", "./components/stack", true],
      ["index.ts", "./cli/groundwork", true],
      ["components/k3s/cluster.ts", "../../desired/cluster", false],
      ["components/k3s/cluster.ts", "../../config/settings", false],
      ["components/k3s/cluster.ts", "@pulumi/command", false],
      ["components/k3s/cluster.ts", "../../index", true],
      ["components/k3s/cluster.ts", "../../lab/hosts", true],
      ["desired/nodes.ts", "../config/settings", false],
      ["desired/nodes.ts", "../components/stack", true],
      ["desired/nodes.ts", "@pulumi/pulumi", true],
      ["config/read/parse.ts", "../schema/scalars", false],
      ["config/read/parse.ts", "../../desired/nodes", true],
      ["config/read/parse.ts", "@pulumi/pulumi", true],
      ["config/read/load.ts", "@pulumi/pulumi", false],
      ["config/read/load.ts", "../../automation/stacks", true],
    ];
    for (const [file, from, refused] of cases) {
      it(`${refused ? "refuses" : "lets"} ${file} import ${from}`, async () => {
        assert.equal(await complaints(file, from), refused ? 1 : 0);
      });
    }
  });
});
