import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { TSIG_KEY_NAME } from "../naming";
import type { LabPaths } from "../paths";
import { writeFileAtomically } from "../state";

/** The key that may change the zone of the site's name server, as base64 text; made on first use, 0600. */
export function ensureTsigKey(paths: LabPaths): string {
  if (!existsSync(paths.tsigKey)) writeFileAtomically(paths.tsigKey, randomBytes(64).toString("base64"));
  return readFileSync(paths.tsigKey, "utf8").trim();
}

/** The key as BIND reads it. */
export function tsigConfig(key: string): string {
  return `key "${TSIG_KEY_NAME}" { algorithm hmac-sha512; secret "${key}"; };\n`;
}
