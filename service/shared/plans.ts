import { existsSync, readFileSync, statSync } from "node:fs";
import { GroundworkError } from "../../config/groundworkError";
import type { Store } from "../store/store";

const MIB = 1024 * 1024;
const MOST = 64 * MIB;

/** Keeps the plan of a preview in the record, for whichever service does it. Secrets in it are encrypted as in the state. */
export async function keepPlan(store: Store, preview: string, file: string): Promise<void> {
  if (!existsSync(file)) return;
  const bytes = statSync(file).size;
  const content = bytes > MOST ? null : readFileSync(file, "utf8");
  const text = "INSERT INTO plans (operation, bytes, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
  await store.run(text, preview, bytes, content);
}

/** @throws GroundworkError where the preview's plan was too large to be kept. */
export async function planOf(store: Store, preview: string): Promise<string> {
  const row = await store.one("SELECT bytes, content FROM plans WHERE operation = ?", preview);
  if (row === undefined) throw new Error(`there is no plan of preview ${preview}`);
  if (row["content"] !== null) return row["content"] as string;
  const [size, most] = [Math.ceil((row["bytes"] as number) / MIB), MOST / MIB];
  throw new GroundworkError<string>(
    "plan-too-large",
    `the preview's plan has ${size} MiB, and at most ${most} are kept`,
    {
      remedy: "ask for an up; nothing was changed",
    },
  );
}
