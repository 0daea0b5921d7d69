import { versions } from "../../config/versions/pins";
import type { Addon } from "../addon";
import { helmAddon } from "../helmAddon";
import { workerCount } from "../workers";
import { longhornValues } from "./values";

/** Replicated volumes on the nodes' own disks. */
export const longhorn: Addon = {
  name: "longhorn",
  decide: ({ storage: { longhorn: settings }, nodes, cluster: { protect } }) => {
    if (settings === undefined) return { addon: undefined };
    const { group } = helmAddon({
      type: "groundwork:addons:Longhorn",
      name: "longhorn",
      release: "longhorn",
      namespace: "longhorn-system",
      podSecurity: "privileged",
      chart: { repo: "https://charts.longhorn.io", chart: "longhorn", version: versions.longhorn },
      settings,
      values: longhornValues(settings, { workers: workerCount(nodes), protect }),
      protect,
      // Taking a failed upgrade back is a downgrade, which Longhorn does not support; and taking a failed installation
      // back runs its uninstall hook, whose refusal would leave a release that can neither be upgraded nor installed.
      // A failed release that stays is simply upgraded by the next `pulumi up`.
      atomic: false,
    });
    return { addon: group };
  },
};
