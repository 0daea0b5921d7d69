import type { Settings } from "../config/settings";
import type { DesiredGroup } from "./resources";

/** What can be installed in the cluster, each in a folder of its own. */
export interface Addon {
  /** Name of its folder. */
  readonly name: string;
  /** What the settings ask of it. Pure. */
  readonly decide: (settings: Settings) => DecidedAddon;
}

/** What the settings ask of one add-on. */
export interface DecidedAddon {
  /** The add-on itself; undefined where the settings do not ask for it. */
  readonly addon: DesiredGroup | undefined;
  /** What is made with its help, beside the add-ons: the issuers of cert-manager. */
  readonly beside?: DesiredGroup;
}
