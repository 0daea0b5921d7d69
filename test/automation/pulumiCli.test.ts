import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { findPulumi } from "../../automation/pulumiCli";
import { fakePulumi } from "./fakePulumi";

describe("finding Pulumi's command-line tool", () => {
  let directory: string;
  beforeEach(() => (directory = fs.mkdtempSync(path.join(os.tmpdir(), "groundwork-test-"))));
  afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

  const rootIn = async (environment: Record<string, string>, root?: string): Promise<string> => {
    const pulumi = await findPulumi({
      root,
      environment: { PULUMI_HOME: path.join(directory, "home"), ...environment },
    });
    return path.relative(directory, path.dirname(path.dirname(pulumi.command)));
  };
  const code = (error: unknown): boolean => (error as { code?: string }).code === "no-engine";

  it("takes the one on the PATH, else what the installer or npx keeps, the newest first", async () => {
    for (const version of ["3.99.0", "3.265.0", "3.100.1"]) {
      fakePulumi(path.join(directory, "home", "versions", version));
    }
    assert.equal(await rootIn({}), path.join("home", "versions", "3.265.0"));
    fakePulumi(path.join(directory, "home"));
    assert.equal(await rootIn({}), "home");
    fakePulumi(path.join(directory, "usr"));
    assert.equal(await rootIn({ PATH: path.join(directory, "usr", "bin") }), "usr");
  });

  it("passes over the wrapper of npm's package, which would leave the engine behind when it is cancelled", async () => {
    fakePulumi(path.join(directory, "home"));
    const wrapper = path.join(directory, "lib", "run.js");
    fs.mkdirSync(path.join(directory, "usr", "bin"), { recursive: true });
    fs.mkdirSync(path.dirname(wrapper));
    fs.writeFileSync(wrapper, "#!/usr/bin/env node\n", { mode: 0o755 });
    fs.symlinkSync(wrapper, path.join(directory, "usr", "bin", "pulumi"));
    assert.equal(await rootIn({ PATH: path.join(directory, "usr", "bin") }), "home");
  });

  it("says what to do when there is none, or when it does not run", async () => {
    await assert.rejects(rootIn({}), (error: Error & { remedy?: string }) => {
      assert.ok(code(error));
      assert.equal(error.message, "Pulumi's command-line tool is not on the PATH or in ~/.pulumi");
      assert.match(error.remedy ?? "", /npx pulumi version/);
      return true;
    });
    fakePulumi(path.join(directory, "usr"), { version: "nonsense" });
    await assert.rejects(rootIn({}, path.join(directory, "usr")), code);
    await assert.rejects(rootIn({}, path.join(directory, "nowhere")), /is not in .*nowhere/);
  });
});
