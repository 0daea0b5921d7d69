import * as assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyScripts } from "../../scripts/build";

describe("the published package", () => {
  it("has the scripts that hosts are sent, also where the compiler made no folder", () => {
    const dist = mkdtempSync(join(tmpdir(), "build-test-"));
    try {
      copyScripts(dist);
      for (const script of ["components/k3s/scripts/converge.sh", "desired/host/watch-interface.sh"]) {
        assert.ok(existsSync(join(dist, script)), script);
      }
    } finally {
      rmSync(dist, { recursive: true });
    }
  });

  it("exports what is compiled for it", () => {
    const read = (name: string): string => readFileSync(join(__dirname, "..", "..", name), "utf8");
    const { exports } = JSON.parse(read("package.json")) as {
      exports: Record<string, string | Record<string, string>>;
    };
    const { include } = JSON.parse(read("tsconfig.build.json")) as { include: string[] };
    for (const target of Object.values(exports).flatMap((each) =>
      typeof each === "string" ? [] : Object.values(each),
    )) {
      const source = target.replace("./dist/", "").replace(/(\.d\.ts|\.js)$/, ".ts");
      assert.ok(existsSync(join(__dirname, "..", "..", source)), target);
      assert.ok(include.includes(source.split("/")[0] ?? ""), target);
    }
  });
});
