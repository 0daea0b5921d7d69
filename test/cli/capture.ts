import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../cli/groundwork";
import { plainPaint } from "../../plan/render/paint";

export const ROOT = `${__dirname}/../..`;

export interface Captured {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in this process, as in a pipe of 100 columns. */
export async function groundworkCommand(
  args: readonly string[],
  options: { cwd?: string; width?: number; env?: Readonly<Record<string, string>> } = {},
): Promise<Captured> {
  let out = "";
  let err = "";
  const code = await main(args, {
    cwd: options.cwd ?? ROOT,
    env: options.env ?? {},
    width: options.width ?? 100,
    paint: plainPaint,
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}

/** A project of its own with the committed stacks: whatever other stacks somebody has in the checkout. */
export function projectOfCommittedStacks(): string {
  const project = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  for (const file of ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml"]) {
    copyFileSync(join(ROOT, file), join(project, file));
  }
  return project;
}
