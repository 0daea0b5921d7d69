import * as assert from "node:assert/strict";
import * as path from "node:path";
import { ESLint, RuleTester } from "eslint";
import * as tseslint from "typescript-eslint";
import { DOORS, importDirection, MAY_IMPORT, roomOf } from "../../eslint/direction";
import { importedFiles, ROOT } from "../../eslint/imports";

/** Every file that the program loads, with the way from main.ts to it. */
function loadedByProgram(): Map<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>([["main.ts", ["main.ts"]]]);
  for (const [file, way] of ways) {
    for (const next of importedFiles(file)) if (!ways.has(next)) ways.set(next, [...way, next]);
  }
  return ways;
}

describe("direction of imports", () => {
  it("never leads from the program to what stands around it", () => {
    const decides = ["desired", "config/read", "addons", "config", "addons/settings", "config/scalars"];
    const program = ["main", "index", "policy", "components", "ssh", "process", ...decides];
    const files = loadedByProgram();
    assert.ok(files.size > 50, "the program's files were not found");
    for (const [file, way] of files) {
      assert.ok(program.includes(roomOf(file)), `the program loads ${file}: ${way.join(" → ")}`);
    }
  });

  it("is a direction: no two rooms may import one another, by whatever way", () => {
    const below = (room: string, way: readonly string[] = []): void => {
      assert.ok(!way.includes(room), [...way, room].join(" → "));
      for (const next of MAY_IMPORT[room] ?? []) below(next, [...way, room]);
    };
    Object.keys(MAY_IMPORT).forEach((room) => below(room));
    for (const [room, allowed] of Object.entries(MAY_IMPORT)) {
      assert.ok(!allowed.some((other) => DOORS.includes(other) || other === "cli"), `${room} imports what is above it`);
    }
  });

  it("is held everywhere, with the circles and the length of a file", async function () {
    this.timeout(60_000);
    const linter = new ESLint({ cwd: ROOT });
    for (const file of ["index.ts", "config/read/parse.ts", "cli/plan.ts", "lab/verbs.ts", "lab/test/lock.test.ts"]) {
      const { rules } = (await linter.calculateConfigForFile(file)) as { rules: Record<string, readonly unknown[]> };
      for (const rule of ["local/import-direction", "local/no-circle"]) assert.equal(rules[rule]?.[0], 2, rule);
      assert.deepEqual(rules["max-lines"], [2, 300], file);
    }
  });
});

const tester = new RuleTester({ languageOptions: { parser: tseslint.parser } });

const take = (file: string, from: string): { name: string; filename: string; code: string } => ({
  name: `${file} imports ${from}`,
  filename: path.join(ROOT, file),
  code: `import { a } from "${from}";`,
});
const refused = (file: string, from: string, messageId = "direction") => ({
  ...take(file, from),
  errors: [{ messageId }],
});
const inVerbs = (code: string) => ({
  name: `lab/verbs.ts has ${code}`,
  filename: path.join(ROOT, "lab/verbs.ts"),
  code,
});

tester.run("import-direction", importDirection as unknown as Parameters<RuleTester["run"]>[1], {
  valid: [
    take("main.ts", "./index"),
    take("index.ts", "./components/stack"),
    take("components/k3s/cluster.ts", "../../desired/nodes"),
    take("components/k3s/cluster.ts", "../../config/settings"),
    take("components/k3s/cluster.ts", "@pulumi/command"),
    take("desired/nodes.ts", "../config/settings"),
    take("config/read/parse.ts", "../schema/scalars"),
    take("config/read/load.ts", "@pulumi/pulumi"),
    take("config/read/checks.ts", "../../addons/all"),
    take("config/settings.ts", "../addons/longhorn/settings"),
    take("addons/longhorn/values.ts", "./settings"),
    take("addons/longhorn/settings.ts", "../../config/schema/scalars"),
    take("plan/run/evaluate.ts", "../../components/stack"),
    take("desired/cluster.ts", "../addons/all"),
    take("plan/compare/against.ts", "../../process/run"),
    take("automation/workspace.ts", "../process/run"),
    take("lab/apply.ts", "../index"),
    take("lab/hosts/up.ts", "../site/release"),
    take("cli/lab.ts", "../lab/verbs"),
    take("lab/test/lock.test.ts", "../../test/program"),
    take("scripts/check.ts", "../process/run"),
  ],
  invalid: [
    refused("main.ts", "./plan/plan"),
    refused("index.ts", "./cli/groundwork"),
    refused("components/k3s/cluster.ts", "../../index"),
    refused("components/k3s/cluster.ts", "../../lab/hosts"),
    refused("components/k3s/cluster.ts", "../../process/run"),
    refused("desired/nodes.ts", "../components/stack"),
    refused("desired/nodes.ts", "@pulumi/pulumi", "pulumi"),
    refused("addons/helmAddon.ts", "../desired/nodes"),
    refused("addons/helmAddon.ts", "@pulumi/pulumi", "pulumi"),
    refused("config/read/parse.ts", "../../desired/nodes"),
    refused("config/settings.ts", "../addons/longhorn/addon"),
    refused("config/checks/dns.ts", "../../addons/all"),
    refused("config/checks/dns.ts", "../read/load"),
    refused("addons/longhorn/checks.ts", "../../config/read/load"),
    refused("desired/nodes.ts", "../config/read/load"),
    refused("addons/longhorn/settings.ts", "./addon"),
    refused("addons/longhorn/settings.ts", "../../config/settings"),
    refused("config/schema/scalars.ts", "../settings"),
    refused("config/read/parse.ts", "@pulumi/pulumi", "pulumi"),
    refused("config/read/load.ts", "../../automation/stacks"),
    refused("process/run.ts", "../config/problem"),
    refused("plan/against.ts", "../cli/terminal"),
    refused("plan/revision.ts", "../automation/workspace"),
    refused("automation/stacks.ts", "../plan/model"),
    refused("lab/verbs.ts", "../cli/terminal"),
    refused("lab/verbs.ts", "./test/onHosts/clusterOnLab"),
    refused("cli/plan.ts", "../test/program"),
    refused("cli/plan.ts", "../newRoom/file"),
    refused("newRoom/file.ts", "../config/parse", "room"),
    { ...inVerbs(`import type { A } from "../cli/terminal";`), errors: [{ messageId: "direction" }] },
    { ...inVerbs(`export * from "../cli/terminal";`), errors: [{ messageId: "direction" }] },
    { ...inVerbs(`export { a } from "../cli/terminal";`), errors: [{ messageId: "direction" }] },
    { ...inVerbs(`const a = require("../cli/terminal");`), errors: [{ messageId: "direction" }] },
    { ...inVerbs(`const a = import("../cli/terminal");`), errors: [{ messageId: "direction" }] },
    { ...inVerbs(`type A = typeof import("../cli/terminal");`), errors: [{ messageId: "direction" }] },
  ],
});
