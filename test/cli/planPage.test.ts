import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIVE_STACK, recordedPreview } from "../plan/livePreviews";
import { foreignParts, parsedPage, tagged, textOf } from "../plan/parsedPage";
import { edited, stackText } from "../plan/stacks";
import { groundworkCommand } from "./capture";

describe("plan --format html", function () {
  this.timeout(60_000);
  let project: string;
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", project, "-c", "user.name=test", "-c", "user.email=test@example.org", ...args], {
      encoding: "utf8",
      stdio: "pipe",
    });
  const page = async (...args: string[]): Promise<(tag: string) => string[]> => {
    const { code, out, err } = await groundworkCommand(["plan", "--format", "html", ...args], { cwd: project });
    assert.deepEqual({ code, err }, { code: 0, err: "" });
    assert.deepEqual(foreignParts(out), []);
    const elements = parsedPage(out);
    return (tag) => tagged(elements, tag).map(textOf);
  };

  before(() => {
    project = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    git("init", "-q");
    writeFileSync(join(project, "Pulumi.yaml"), "name: site\nruntime: nodejs\n");
    for (const stack of ["dev", LIVE_STACK]) writeFileSync(join(project, `Pulumi.${stack}.yaml`), stackText("dev"));
    git("add", "-A");
    git("commit", "-qm", "state");
    writeFileSync(join(project, "Pulumi.dev.yaml"), edited(stackText("dev"), ["disk: ssd", "disk: nvme"]));
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  it("prints the stack", async () => {
    const of = await page("--stack", "dev");
    assert.deepEqual(of("h1"), ["Stack dev of site"]);
    assert.deepEqual(of("h2").slice(0, 3), ["Summary", "Warnings", "Cluster"]);
  });

  it("prints one node", async () => {
    const of = await page("--stack", "dev", "--node", "birch");
    assert.deepEqual(of("h1"), ["birch, agent"]);
    assert.deepEqual(of("h2"), ["Summary", "Files", "Steps"]);
  });

  it("prints a difference, and the cluster of the work tree with it", async () => {
    const of = await page("--stack", "dev", "--against", "HEAD");
    assert.deepEqual(of("h1"), ["Stack dev against HEAD"]);
    assert.deepEqual(of("h2"), ["Cluster", "Hosts", "Roll-out", "Changes"]);
    assert.match(of("desc").join(""), /atlas \(server, [^)]*\).*birch \(agent, [^)]*, k3s goes on\)/);
  });

  it("prints what 'up' would do now", async () => {
    const file = join(project, "preview.json");
    writeFileSync(file, recordedPreview("upgrade"));
    const of = await page("--stack", LIVE_STACK, "--live", file);
    assert.deepEqual(of("p").slice(0, 1), ["Live preview, project groundwork"]);
    assert.match(of("p")[1] ?? "", /1 server restarts/);
  });
});
