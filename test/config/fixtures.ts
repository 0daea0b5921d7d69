import { createHash } from "node:crypto";
import { parseSettings } from "../../config/read/parse";
import { problemLine } from "../../config/problem";
import { Secret } from "../../config/secret";
import type { Settings } from "../../config/settings";

/** Public host keys whose private halves are gone. */
export const hostKeys = [
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILNtgnL4mcFDZOfW/24FSMpPg1SZNIA8bbgWVGLB9iJm",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFrorpTznxVZ/1gKCyMfNq+bgZ2VJqah50JuCp7ytE5R",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIARWsA6tbNjcHZJCUf1XcDaZh4hwJKfNF4/JxqdKx3V4",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOyZ8K/HOKRZFpjPESYZr25wi5P0Owm6kR2YdZgxPDck",
] as const;

/** A public host key that no other name has. */
export function hostKeyOf(name: string): string {
  const type = Buffer.from("ssh-ed25519");
  const length = (bytes: Buffer): Buffer => Buffer.from([0, 0, 0, bytes.length]);
  const key = createHash("sha256").update(name).digest();
  return `ssh-ed25519 ${Buffer.concat([length(type), type, length(key), key]).toString("base64")}`;
}

type Raw = Record<string, unknown>;

/** A node's settings as a stack's file has them, valid by themselves. */
export function node(name: string, more: Raw = {}): Raw {
  const last = Array.from(name).reduce((sum, letter) => (sum * 7 + letter.charCodeAt(0)) % 200, 11);
  return { name, role: "agent", address: `10.0.0.${last}`, hostKey: hostKeyOf(name), ...more };
}

/** The smallest valid stack, with some top-level keys replaced. */
export function stack(more: Raw = {}): Raw {
  return {
    nodes: [node("s1", { role: "server", address: "10.0.0.11" })],
    ssh: { privateKey: Secret.sealed() },
    ...more,
  };
}

/** The problems of a stack, a line each. */
export function errors(raw: Raw, missingSecrets: "error" | "warning" = "error"): string[] {
  return parseSettings(raw, { stack: "test", missingSecrets }).problems.map(problemLine);
}

/** The warnings of a stack, a line each. */
export function warnings(raw: Raw, missingSecrets: "error" | "warning" = "error"): string[] {
  return parseSettings(raw, { stack: "test", missingSecrets }).warnings.map(problemLine);
}

/** The settings of a valid stack; for tests of what is built on them. */
export function settingsFrom(more: Raw = {}): Settings {
  const { settings, problems } = parseSettings(stack(more), { stack: "test", missingSecrets: "error" });
  if (settings === undefined) throw new Error(problems.map(problemLine).join("\n"));
  return settings;
}
