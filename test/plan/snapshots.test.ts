import * as assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "../../plan/model";
import { groundworkCommand } from "../cli/capture";
import { STACKS } from "./stacks";

const DIRECTORY = join(__dirname, "snapshots");

/** Renews the snapshots instead of comparing: UPDATE_SNAPSHOTS=1 npm test. */
const IS_UPDATE = (process.env["UPDATE_SNAPSHOTS"] ?? "") !== "";

describe("plan of the committed stacks", function () {
  this.timeout(60_000);

  it("of dev as text", async () => {
    matches("dev.txt", await planned("dev", "text"));
  });
  it("of dev as markdown", async () => {
    matches("dev.md", await planned("dev", "markdown"));
  });
  it("of prod as json, the scripts as what they are given", async () => {
    const plan = JSON.parse(await planned("prod", "json")) as Plan;
    matches("prod.json", `${JSON.stringify(withoutProgramFiles(plan), undefined, 2)}\n`);
  });

  for (const stack of STACKS) {
    it(`of ${stack} is the same text at every run`, async () => {
      assert.equal(await planned(stack, "json"), await planned(stack, "json"));
    });
  }
});

async function planned(stack: string, format: string): Promise<string> {
  const { code, out, err } = await groundworkCommand(["plan", "--stack", stack, "--format", format]);
  assert.deepEqual({ code, err }, { code: 0, err: "" });
  return out;
}

/** What is the same for every cluster has snapshots of its own, beside the component that renders it. */
function withoutProgramFiles(plan: Plan): Plan {
  return {
    ...plan,
    nodes: plan.nodes.map((node) => ({
      ...node,
      files: node.files.map((file) => (/^\/usr\/|\.service$/.test(file.path) ? { ...file, content: "…" } : file)),
      steps: node.steps.map((step) => ({ ...step, facts: withoutDigests(step.facts), body: "…" })),
    })),
  };
}

/** Digests differ with each release of Groundwork. */
function withoutDigests(facts: Readonly<Record<string, string>>): Record<string, string> {
  const shown = Object.entries(facts).map(([name, value]) => [
    name,
    /^(fingerprint|resolvers)$/.test(name) ? "…" : value,
  ]);
  return Object.fromEntries(shown) as Record<string, string>;
}

function matches(name: string, actual: string): void {
  const file = join(DIRECTORY, name);
  if (IS_UPDATE) {
    mkdirSync(DIRECTORY, { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  assert.equal(actual, readFileSync(file, "utf8"), `${name} differs; when that is meant: UPDATE_SNAPSHOTS=1 npm test`);
}
