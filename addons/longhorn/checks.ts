import { listed, warning } from "../../config/checks/check";
import type { AddonCheck } from "../addon";
import { workers } from "../workers";

/** Longhorn can place every copy on a node of its own. */
export const longhornReplicas: AddonCheck = (settings) => {
  const replicas = settings.storage.longhorn?.replicas;
  const names = workers(settings.nodes).map((node) => node.name);
  if (replicas === undefined || replicas <= names.length) return [];
  const place = names.length === 1 ? "one node takes" : `${names.length} nodes take`;
  return [
    warning(
      "storage.longhorn.replicas",
      `${replicas} copies of each volume are wanted, but only ${place} pods (${listed(names)}), so volumes stay degraded`,
      `write at most ${Math.max(1, names.length)}`,
    ),
  ];
};
