import { canonicalKey, keyAliases, nodeKeys, reservedKeys, secretKeys, serverKeys, settingsOfKeys } from "./k3sKeys";
import { limitAt } from "./limits";
import { nearest } from "./nearest";
import { pathText } from "../problem";

const OF_NODES = "nodes[].";

type Path = readonly (string | number)[];

/** What somebody most likely means who wrote a key that is not known where it stands. */
export interface Meant {
  /** What to write instead. */
  readonly remedy: string;
  /** The setting that is meant; undefined where there is none, or more than one. */
  readonly path: Path | undefined;
}

/**
 * k3s's own names of more than one word: people know these, and write them where Groundwork has a setting. A single word
 * (`server`, `debug`) may mean anything.
 */
const K3S_NAMES = [...nodeKeys, ...serverKeys, ...Object.keys(keyAliases), ...Object.keys(reservedKeys)].filter(
  (name) => name.includes("-"),
);

/**
 * The known key that is nearest, or the setting that k3s has under that name; the known keys where nothing is near.
 *
 * @param path Where the key stands.
 * @param known The keys that are known there.
 */
export function didYouMean(path: Path, key: string, known: readonly string[]): Meant {
  const limit = limitAt(path, key);
  if (limit !== undefined) return { remedy: limit, path: undefined };
  const near = nearest(key, [...known, ...K3S_NAMES]);
  if (near === undefined) return { remedy: `known here: ${known.join(", ")}`, path: undefined };
  if (known.includes(near)) return { remedy: `did you mean ${near}?`, path: [...path, near] };
  return settingOf(canonicalKey(near), path);
}

function settingOf(key: string, path: Path): Meant {
  const node = path[0] === "nodes" ? path[1] : undefined;
  const settings = settingsOfKeys[key] ?? [];
  const ofNodes = settings.find((each) => each.startsWith(OF_NODES));
  if (node !== undefined && ofNodes !== undefined) {
    const own = ["nodes", node, ofNodes.slice(OF_NODES.length)];
    return { remedy: `did you mean ${pathText(own)}?`, path: own };
  }
  const [setting] = settings;
  if (setting !== undefined) {
    return { remedy: `did you mean ${setting}?`, path: setting === ofNodes ? undefined : setting.split(".") };
  }
  return { remedy: reservedKeys[key] ?? secretKeys[key] ?? `did you mean ${ownPlace(key, node)}?`, path: undefined };
}

/** Where k3s's own settings are written. */
function ownPlace(key: string, node: string | number | undefined): string {
  if (node !== undefined) return pathText(["nodes", node, "k3s", key]);
  const isOfServers = (serverKeys as readonly string[]).includes(key);
  return isOfServers ? `k3s.server.${key}` : `k3s.server.${key} or k3s.agent.${key}`;
}
