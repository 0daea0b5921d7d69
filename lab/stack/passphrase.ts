import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { LabPaths } from "../paths";
import { writeFileAtomically } from "../state";

/** The lab's generated passphrase; made on first use, 0600. */
export function ensurePassphrase(paths: LabPaths): string {
  if (!existsSync(paths.passphrase)) writeFileAtomically(paths.passphrase, randomBytes(24).toString("base64url"));
  return readFileSync(paths.passphrase, "utf8").trim();
}
