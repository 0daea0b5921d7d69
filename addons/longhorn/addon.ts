import type { Addon } from "../addon";
import { helmAddon } from "../helmAddon";
import type { PinnedChart } from "../pinnedChart";
import { VOLUMES_LOST } from "../storageClass";
import { workers } from "../workers";
import { longhornChecks } from "./checks";
import { hasOwnDisks } from "./nodeMarks";
import { backupSecret, recurringJobs } from "./objects";
import { longhornValues } from "./values";

const NAMESPACE = "longhorn-system";

const chart: PinnedChart = {
  repo: "https://charts.longhorn.io",
  chart: "longhorn",
  version: "1.11.3",
  // https://longhorn.io/docs, upgrade: only from the minor version before, and no downgrade.
  stepwise: true,
  compatibility: [
    // CHANGELOG-1.11.3.md of longhorn/longhorn: its CSI provisioner 6.3.0 needs 1.34; the chart itself says >=1.25.
    { series: "1.11.3", needs: "1.34" },
    // CHANGELOG-1.11.*.md and CHANGELOG-1.12.*.md of longhorn/longhorn.
    { series: "1.11", needs: "1.25" },
    { series: "1.12", needs: "1.25" },
  ],
};

/** Replicated volumes on the nodes' own disks. */
export const longhorn: Addon = {
  name: "longhorn",
  path: "storage.longhorn",
  isInstalled: ({ storage }) => storage.longhorn !== undefined,
  chart,
  decidedValues: {
    "persistence.defaultClass": "default",
    "persistence.reclaimPolicy": "reclaimPolicy",
    "defaultSettings.defaultDataPath": "dataPath",
  },
  namespace: NAMESPACE,
  // iSCSI for its volumes, and NFS for those that many pods write to (https://longhorn.io/docs, installation requirements).
  hostPackages: ["iscsi", "nfs"],
  checks: longhornChecks,
  // The chart makes the class, and has no value for its name.
  storageClass: ({ storage }) => storage.longhorn && { name: "longhorn", isDefault: storage.longhorn.default },
  removal: VOLUMES_LOST,
  decide: ({ storage: { longhorn: settings }, nodes, cluster: { protect } }) => {
    if (settings === undefined) return { addon: undefined };
    const { group, release } = helmAddon({
      type: "groundwork:addons:Longhorn",
      name: "longhorn",
      namespace: NAMESPACE,
      podSecurity: "privileged",
      chart,
      settings,
      values: longhornValues(settings, { workers: workers(nodes).length, ownDisks: hasOwnDisks(nodes), protect }),
      protect,
      // Taking a failed upgrade back is a downgrade, which Longhorn does not support; and taking a failed installation
      // back runs its uninstall hook, whose refusal would leave a release that can neither be upgraded nor installed.
      // A failed release that stays is simply upgraded by the next `pulumi up`.
      atomic: false,
    });
    const namespace = group.resources.filter((one) => one !== release);
    const secret = backupSecret(settings, NAMESPACE, namespace);
    const installed = { ...release, after: [...release.after, ...secret] };
    const jobs = recurringJobs(settings, NAMESPACE, [installed]);
    return { addon: { ...group, resources: [...namespace, ...secret, installed, ...jobs] } };
  },
};
