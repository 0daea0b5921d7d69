import { existsSync, readFileSync } from "node:fs";
import { Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import { LabError, messageOf } from "../error";
import { architecture } from "../site/release";
import { versions } from "../../config/versions/pins";
import { type StackCipher, stackCipher } from "../../config/read/stackCipher";
import { ensurePassphrase } from "./passphrase";
import type { LabPaths } from "../paths";
import { firstSettings, LETS_ENCRYPT, mirrorUrl, nameServer, nodeEntry, type Plain } from "./stackSettings";
import { type LabState, writeFileAtomically } from "../state";
import { OPERATOR_USER, siteAddress, stackName, TSIG_KEY_NAME, VPN_INTERFACE } from "../naming";

const HEADER = [
  " Made by 'npx groundwork lab up', and gone with 'lab down'. Nodes, addresses and keys are written again each time;",
  " everything else is yours to change: 'npm run lab' applies it.",
].join("\n");

export interface StackFileInput {
  readonly state: LabState;
  /** The operator's private key, for `ssh.privateKey`. */
  readonly privateKey: string;
  readonly charts: "stand-in" | "real";
  /** The lab's own chart of cert-manager, as a stack names it; undefined where there is none. */
  readonly certManagerChart?: string | undefined;
  /** The key of the site's name server. */
  readonly tsigKey: string;
  /** SHA-256 of a version's binary in the lab's mirror, which speaks plain HTTP; undefined where the mirror lacks it. */
  readonly sumOf?: (version: string) => string | undefined;
}

/**
 * Writes the stack's file from what the lab is, and keeps what a person set in it.
 *
 * @returns Whether it changed.
 * @throws LabError when the file is there and is not YAML.
 */
export function writeStackFile(paths: LabPaths, input: StackFileInput): boolean {
  const existing = existsSync(paths.stackFile) ? readFileSync(paths.stackFile, "utf8") : undefined;
  const salt = existing === undefined ? undefined : /^encryptionsalt: *(\S+)$/m.exec(existing)?.[1];
  const text = stackFileText(existing, input, stackCipher(ensurePassphrase(paths), salt), paths.stackFile);
  if (text === existing) return false;
  writeFileAtomically(paths.stackFile, text, 0o600);
  return true;
}

/** The text of the stack's file. @param existing What is there now. */
export function stackFileText(
  existing: string | undefined,
  input: StackFileInput,
  cipher: StackCipher,
  path = "the stack's file",
): string {
  const { state } = input;
  const document = existing === undefined ? newDocument(input, cipher) : parseDocument(existing);
  const [error] = document.errors;
  if (error !== undefined) throw new LabError(`${path} is not YAML: ${messageOf(error)}`, "mend it, or remove it");
  const set = (key: string, path: readonly string[], value: Plain): void => {
    const full = ["config", `groundwork:${key}`, ...path];
    if (JSON.stringify(plainAt(document, full)) !== JSON.stringify(value)) {
      document.setIn(full, document.createNode(value));
    }
  };
  if (document.get("encryptionsalt") !== cipher.salt) document.set("encryptionsalt", cipher.salt);
  set("network", ["interface"], VPN_INTERFACE);
  set("dns", ["upstream"], [siteAddress(state.prefix)]);
  set("ssh", ["user"], OPERATOR_USER);
  const setSecret = (key: string, path: readonly string[], text: string): void => {
    const sealed = document.getIn(["config", `groundwork:${key}`, ...path, "secure"]);
    if (typeof sealed !== "string" || cipher.decrypt(sealed) !== text) set(key, path, { secure: cipher.encrypt(text) });
  };
  setSecret("ssh", ["privateKey"], input.privateKey);
  // As long as the issuer is the one that the lab made.
  const issuer = ["config", "groundwork:issuers", LETS_ENCRYPT];
  if (document.getIn([...issuer, "tsigKeyName"]) === TSIG_KEY_NAME) {
    set("issuers", [LETS_ENCRYPT, "nameserver"], nameServer(state.prefix));
    setSecret("issuers", [LETS_ENCRYPT, "tsigSecret"], input.tsigKey);
  }
  // The same releases are on every host as a directory; who points the stack there plays the air gap.
  const mirror = document.getIn(["config", "groundwork:k3s", "mirror"]);
  if (typeof mirror !== "string" || !mirror.startsWith("file://")) set("k3s", ["mirror"], mirrorUrl(state.prefix));
  const version = document.getIn(["config", "groundwork:k3s", "version"]);
  const sum = input.sumOf?.(typeof version === "string" ? version : versions.k3s);
  if (sum !== undefined) set("k3s", ["sha256"], { [architecture()]: sum });
  setNodes(document, state);
  return document.toString({ lineWidth: 120 });
}

function newDocument({ state, charts, certManagerChart, tsigKey }: StackFileInput, cipher: StackCipher): Document {
  const document = new Document({ config: {} });
  document.commentBefore = HEADER;
  const first = firstSettings(state, { charts, certManagerChart, tsigSecret: { secure: cipher.encrypt(tsigKey) } });
  const settings = { cluster: { name: stackName(state.name) }, nodes: [], ...first };
  for (const [key, value] of Object.entries(settings)) {
    document.setIn(["config", `groundwork:${key}`], document.createNode(value));
  }
  return document;
}

/** Nodes in the lab's order; what a person added to one (labels, taints, k3s settings) stays. */
function setNodes(document: Document, state: LabState): void {
  const path = ["config", "groundwork:nodes"];
  const before = document.getIn(path);
  const found = isSeq(before) ? before.items.filter((item): item is YAMLMap => isMap(item)) : [];
  const items = state.hosts.map((host) => {
    const entry = nodeEntry(state, host);
    const node = found.find((item) => item.get("name") === host.name);
    if (node === undefined) return document.createNode(entry);
    for (const [key, value] of Object.entries(entry)) {
      const current: unknown = node.get(key);
      if (JSON.stringify(current) !== JSON.stringify(value)) node.set(key, document.createNode(value));
    }
    return node;
  });
  const sequence = document.createNode([]) as YAMLSeq;
  sequence.items = items;
  document.setIn(path, sequence);
}

function plainAt(document: Document, path: readonly string[]): unknown {
  const node: unknown = document.getIn(path);
  return isMap(node) || isSeq(node) ? node.toJSON() : node;
}
