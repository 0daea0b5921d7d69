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

  for (const stack of STACKS) {
    it(`${stack} as text`, async () => {
      matches(`${stack}.txt`, await planned(stack, "text"));
    });
    it(`${stack} as markdown`, async () => {
      matches(`${stack}.md`, await planned(stack, "markdown"));
    });
    it(`${stack} as json, the scripts down to what they are told`, async () => {
      const plan = JSON.parse(await planned(stack, "json")) as Plan;
      matches(`${stack}.json`, `${JSON.stringify(withoutProgramFiles(plan), undefined, 2)}\n`);
    });
  }

  it("is the same text at every run", async () => {
    assert.equal(await planned("prod", "json"), await planned("prod", "json"));
  });
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
      steps: node.steps.map((step) => ({ ...step, script: headOf(step.script) })),
    })),
  };
}

/** The words on top of a script; digests differ with each release of Groundwork. */
function headOf(script: string): string {
  const [head = ""] = script.split("\n\n");
  return head.replaceAll(/^(fingerprint|resolvers)='[0-9a-f]+'$/gm, "$1='…'");
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
