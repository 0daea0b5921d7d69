import type { NodeSettings } from "../config/settings";

/** A node on which an add-on may answer. */
export interface EntryHost extends Pick<NodeSettings, "name" | "role" | "labels" | "taints"> {
  /** Address for people outside. */
  readonly address: string;
}

/** Where an add-on answers from outside. */
export interface Entry {
  /** For people: `ports 80 and 443 of …`, or the command that tells. */
  readonly text: string;
  /** What tells on the running cluster which of them answers now; undefined where the text says all. */
  readonly shownBy?: ShownByPods | ShownByService;
}

/** A node answers while a pod of the add-on is Ready on it. */
export interface ShownByPods {
  readonly is: "pods";
  readonly namespace: string;
  /** Labels of the pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** `ports 80 and 443`. */
  readonly ports: string;
}

/** The service's addresses are known to the API only. */
export interface ShownByService {
  readonly is: "service";
  readonly namespace: string;
  readonly name: string;
}
