import type * as pulumi from "@pulumi/pulumi";
import type { LonghornSettings } from "../../config/settings";
import { versions } from "../../config/versions/pins";
import type { ClusterTarget } from "../clusterTarget";
import { HelmAddon } from "./helmAddon";
import { longhornValues } from "./longhornValues";

export interface LonghornArgs {
  readonly settings: LonghornSettings;
  /** Number of nodes that take ordinary pods; 0 where it is not known. */
  readonly workers: number;
  readonly target: ClusterTarget;
}

/** Replicated volumes on the nodes' own disks. */
export class Longhorn extends HelmAddon {
  constructor(name: string, args: LonghornArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "groundwork:addons:Longhorn",
      name,
      {
        release: "longhorn",
        namespace: "longhorn-system",
        podSecurity: "privileged",
        chart: { repo: "https://charts.longhorn.io", chart: "longhorn", version: versions.longhorn },
        settings: args.settings,
        values: longhornValues(args.settings, { workers: args.workers, protect: args.target.protect }),
        holdsData: true,
        // Taking a failed upgrade back is a downgrade, which Longhorn does not support; and taking a failed installation
        // back runs its uninstall hook, whose refusal would leave a release that can neither be upgraded nor installed.
        // A failed release that stays is simply upgraded by the next `pulumi up`.
        atomic: false,
        target: args.target,
      },
      opts,
    );
    this.registerOutputs({ release: this.release.name });
  }
}
