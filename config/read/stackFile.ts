import { LineCounter, parseDocument } from "yaml";
import { pathText, type Problem } from "../problem";
import { Secret } from "../secret";
import { isGroup, isSealed, plainSecret, setSecretCommand } from "../schema/secretPaths";
import { mapSecrets } from "./secrets";
import type { SettingsSource } from "./source";

const PREFIX = "groundwork:";

/** What a stack's file says under `groundwork:`, secrets sealed. */
export interface StackFile {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  /** Whether nothing could be read, so that `problems` is the whole story. */
  readonly isUnreadable: boolean;
}

/** Opens an encrypted value; undefined when it cannot. */
export type Unseal = (sealed: string) => string | undefined;

/**
 * Reads a stack's file without Pulumi: encrypted values stay sealed, a secret in plain text is a problem, broken YAML is
 * one line with its place. Pure.
 *
 * @param text The file's content.
 * @param fileName Its name, for messages: `Pulumi.dev.yaml`.
 * @param unseal Opens encrypted values. Default: they stay sealed.
 */
export function parseStackFile(text: string, fileName: string, unseal?: Unseal): StackFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2", merge: true });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    const reason = broken.message.split("\n")[0] ?? "";
    return failed(
      `${fileName}:${line}:${col}`,
      `is not valid YAML: ${reason}`,
      "look at this line and the one above it",
    );
  }
  const content = contentOf(document.toJS.bind(document));
  if (content === undefined) {
    return failed(fileName, "uses YAML aliases that cannot be resolved", "write the values out");
  }
  if (content === null || content === "") return { raw: {}, problems: [], isUnreadable: false };
  if (!isGroup(content)) {
    return failed(fileName, "is not a stack's file", "write 'config:' with 'groundwork:…' keys under it");
  }
  const config = content["config"];
  if (config === undefined || config === null) return { raw: {}, problems: [], isUnreadable: false };
  if (!isGroup(config)) {
    return failed(fileName, "has a 'config' that is not a group of settings", "write 'groundwork:…' keys under it");
  }
  return withSecrets(ownKeys(config), unseal);
}

/** The stack's file as a source of settings for the offline plan: a secret that is not set is only a warning. */
export function stackFileSource(text: string, fileName: string, warn: (warning: Problem) => void): SettingsSource {
  return { ...parseStackFile(text, fileName), missingSecrets: "warning", warn };
}

function contentOf(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function ownKeys(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(PREFIX))
      .map(([key, value]) => [key.slice(PREFIX.length), value]),
  );
}

function withSecrets(raw: Record<string, unknown>, unseal: Unseal | undefined): StackFile {
  const problems: Problem[] = [];
  const secrets = mapSecrets(raw, (value, path) => {
    if (isSealed(value)) {
      const text = unseal?.(value.secure);
      if (text !== undefined) return Secret.of(text);
      if (unseal !== undefined) problems.push(notOpened(path));
      return Secret.sealed();
    }
    if (typeof value !== "string") return value;
    problems.push(plainSecret(path));
    return Secret.sealed();
  });
  return { raw: secrets, problems, isUnreadable: false };
}

function notOpened(path: readonly (string | number)[]): Problem {
  return {
    path: pathText(path),
    problem: "is encrypted, and the stack's passphrase does not open it",
    remedy: `set it again with: ${setSecretCommand(path)}`,
  };
}

function failed(path: string, problem: string, remedy: string): StackFile {
  return { raw: {}, problems: [{ path, problem, remedy }], isUnreadable: true };
}
