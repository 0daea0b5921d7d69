import type { CheckOptions, Finding } from "../config/checks/check";
import type { Settings } from "../config/settings";
import type { Entry, EntryHost } from "./entry";
import type { PinnedChart } from "./pinnedChart";
import type { DesiredGroup, DesiredResource } from "./resources";
import type { AddonClass } from "./storageClass";

/**
 * What can be installed in the cluster, each in a folder of its own. What is not said here is not needed: everything that is
 * made of all add-ons (checks, versions, the reference, the plan's summary and its risky changes) goes by the list in all.ts.
 */
export interface Addon {
  /** Name of its folder. */
  readonly name: string;
  /** Where its settings stand: `storage.longhorn`. */
  readonly path: string;
  /** The setting that installs it, for messages. Default: `path`. */
  readonly installedBy?: string;
  readonly isInstalled: (settings: Settings, all: readonly Addon[]) => boolean;
  /** What the settings ask of it. Pure. `before` is what is made before it: the namespaces, and the add-ons listed before. */
  readonly decide: (settings: Settings, all: readonly Addon[], before: readonly DesiredResource[]) => DecidedAddon;

  /** Its chart. The release has the chart's name. */
  readonly chart?: PinnedChart;
  /** Values of the chart that a setting decides, with the setting's key under `path`: said otherwise they are refused. */
  readonly decidedValues?: Readonly<Record<string, string>>;
  /** Versions of images, for what is no chart. */
  readonly images?: Readonly<Record<string, string>>;

  /** The namespace that it makes for itself. */
  readonly namespace?: string;
  /** What it needs on every host: `nfs`, `iscsi`; the distribution's names are found on the host. */
  readonly hostPackages?: readonly string[];
  /** Packaged components of k3s that it takes the place of; k3s leaves them out. */
  readonly replaces?: (settings: Settings, all: readonly Addon[]) => readonly string[];

  /** What must fit together in its settings, and with the rest of the stack. They run whether it is installed or not. */
  readonly checks?: readonly AddonCheck[];
  /** The StorageClass that it brings, if it is there. */
  readonly storageClass?: (settings: Settings) => AddonClass | undefined;
  /** Where it answers from outside; `hosts` are the nodes, or undefined where the stack does not know them. */
  readonly answersAt?: (settings: Settings, hosts: readonly EntryHost[] | undefined) => Entry;
  /** Whether its pods pass requests from outside on to other pods: namespaces that deny by default let its namespace in. */
  readonly passesRequestsOn?: boolean;
  /** Whether it gives addresses to services of type LoadBalancer. */
  readonly givesAddresses?: boolean;

  /** What a summary says of it where it is installed; `named` is its chart with the version. */
  readonly summary?: { readonly label: string; readonly text: (settings: Settings, named: string) => string };
  /** What a careful person would want to know before it is uninstalled. */
  readonly removal?: { readonly happens: string; readonly remedy: string };
}

/** What the settings ask of one add-on. */
export interface DecidedAddon {
  /** The add-on itself; undefined where the settings do not ask for it. */
  readonly addon: DesiredGroup | undefined;
  /** What is made with its help, beside the add-ons: the issuers and certificates of cert-manager. */
  readonly beside?: readonly DesiredGroup[];
}

/** Looks at what must fit together in a stack's settings, with all add-ons that there are. Pure. */
export type AddonCheck = (settings: Settings, options: CheckOptions, all: readonly Addon[]) => readonly Finding[];
