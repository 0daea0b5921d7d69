import { quantityOf } from "../../config/quantity";
import type { NodeSettings, Settings } from "../../config/settings";

/** What tells Longhorn which disks a node has: https://longhorn.io/docs, "Default Disks and Node Configuration". */
export const DISKS_LABEL = "node.longhorn.io/create-default-disk";
export const DISKS_ANNOTATION = "node.longhorn.io/default-disks-config";
export const TAGS_ANNOTATION = "node.longhorn.io/default-node-tags";

/** Labels and annotations of a node in Kubernetes. */
export interface LonghornMarks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Whether some node of the stack says its own disks; then Longhorn makes its default disk on nodes with a label only. */
export function hasOwnDisks(nodes: readonly Pick<NodeSettings, "longhorn">[]): boolean {
  return nodes.some(({ longhorn }) => (longhorn?.disks.length ?? 0) > 0);
}

/** What Longhorn reads of a node that has no disks and no tags in Longhorn yet. */
export function longhornMarks({ storage, nodes }: Settings, { longhorn }: NodeSettings): LonghornMarks {
  if (storage.longhorn === undefined) return { labels: {}, annotations: {} };
  const { disks = [], tags = [] } = longhorn ?? {};
  const config = disks.map((disk) => ({
    path: disk.path,
    allowScheduling: disk.scheduling,
    ...(disk.reserved === undefined ? {} : { storageReserved: Math.round(quantityOf(disk.reserved) ?? 0) }),
    ...(disk.tags.length === 0 ? {} : { tags: disk.tags }),
  }));
  return {
    labels: hasOwnDisks(nodes) ? { [DISKS_LABEL]: config.length > 0 ? "config" : "true" } : {},
    annotations: {
      ...(config.length > 0 ? { [DISKS_ANNOTATION]: JSON.stringify(config) } : {}),
      ...(tags.length > 0 ? { [TAGS_ANNOTATION]: JSON.stringify(tags) } : {}),
    },
  };
}
