import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { LabError, messageOf } from "../error";
import { stackCipher } from "../../config/read/stackCipher";
import { ensurePassphrase } from "./passphrase";
import type { LabPaths } from "../paths";

/** A stack's configuration with its secrets in the clear, by full key: what an engine gives to the program. */
export type OpenConfig = Record<
  string,
  {
    readonly value: unknown;
    readonly secret: boolean;
    /** The secrets in it; everything else of the value may be shown. */
    readonly hidden: readonly string[];
  }
>;

/** Reads the lab's stack file and opens its secrets. @throws LabError when it cannot be read or opened. */
export function openStackConfig(paths: LabPaths): OpenConfig {
  let file: unknown;
  try {
    file = parse(readFileSync(paths.stackFile, "utf8"));
  } catch (error) {
    throw new LabError(`${paths.stackFile} cannot be read: ${messageOf(error)}`);
  }
  const { encryptionsalt, config } = (file ?? {}) as { encryptionsalt?: string; config?: Record<string, unknown> };
  const cipher = stackCipher(ensurePassphrase(paths), encryptionsalt);
  return openConfig(config ?? {}, cipher.decrypt);
}

/** Opens each `secure:` value of a configuration. @throws LabError that names the key of one that does not open. */
export function openConfig(
  config: Readonly<Record<string, unknown>>,
  decrypt: (value: string) => string | undefined,
): OpenConfig {
  const opened: OpenConfig = {};
  for (const [key, given] of Object.entries(config)) {
    const hidden: string[] = [];
    const open = (value: unknown, path: string): unknown => {
      if (Array.isArray(value)) return value.map((item, index) => open(item, `${path}[${String(index)}]`));
      if (typeof value !== "object" || value === null) return value;
      const sealed = sealedText(value);
      if (sealed === undefined) {
        return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, open(inner, `${path}.${name}`)]));
      }
      const text = decrypt(sealed);
      if (text === undefined) {
        throw new LabError(`${path}: the lab's passphrase does not open this secret`, "set it again");
      }
      hidden.push(text);
      return text;
    };
    const value = open(given, key);
    opened[key] = { value, secret: hidden.length > 0, hidden };
  }
  return opened;
}

/** The k3s version that the stack's file asks for; undefined for the pinned one. */
export function wantedK3sVersion(paths: LabPaths): string | undefined {
  const version = plainSettings(paths)["groundwork:k3s"]?.["version"];
  return typeof version === "string" ? version : undefined;
}

/** Whether the stack installs cert-manager by a chart. */
export function installsCertManager(paths: LabPaths, chart: string): boolean {
  const certificates = plainSettings(paths)["groundwork:certificates"];
  return certificates?.["certManager"] === true && certificates["chart"] === chart;
}

/** The stack's file as it is written; empty where there is none yet. */
function plainSettings(paths: LabPaths): Record<string, Record<string, unknown> | undefined> {
  let text: string;
  try {
    text = readFileSync(paths.stackFile, "utf8");
  } catch {
    return {};
  }
  const file = parse(text) as { config?: Record<string, Record<string, unknown>> } | null;
  return file?.config ?? {};
}

function sealedText(value: object): string | undefined {
  const names = Object.keys(value);
  const secure: unknown = "secure" in value ? value.secure : undefined;
  return names.length === 1 && typeof secure === "string" ? secure : undefined;
}
