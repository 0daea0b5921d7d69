import { readFileSync } from "node:fs";
import { join } from "node:path";

interface RecordedStep {
  op: string;
  urn: string;
  oldState?: { inputs?: Record<string, unknown> } | null;
  newState?: { inputs?: Record<string, unknown> } | "the same" | null;
}

interface RecordedPreview {
  steps: RecordedStep[];
  diagnostics?: unknown[];
  changeSummary: Record<string, number>;
}

const DIRECTORY = join(__dirname, "fixtures/previews");
export const LIVE_STACK = "lab-report";

/**
 * What the real engine wrote (Pulumi 3.265.0, `pulumi preview --json --show-sames`) for a lab of one server and one agent: trimmed
 * of outputs, times, places in the source and the scripts' bodies, and a new agent given a host key of its own. Steps that are as in
 * `same` are kept once.
 */
export function recordedPreview(name: string, edit: (preview: RecordedPreview) => void = () => undefined): string {
  const preview = read(name);
  if (name !== "failed" && name !== "same") {
    const own = new Set(preview.steps.filter(({ op }) => op !== "refresh").map(({ urn }) => urn));
    preview.steps = [...read("same").steps.filter(({ urn }) => !own.has(urn)), ...preview.steps];
  }
  for (const step of preview.steps) if (step.newState === "the same") step.newState = step.oldState ?? null;
  edit(preview);
  return JSON.stringify(preview);
}

function read(name: string): RecordedPreview {
  return JSON.parse(readFileSync(join(DIRECTORY, `${name}.json`), "utf8")) as RecordedPreview;
}
