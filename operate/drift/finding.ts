import type { Finding } from "../finding";

/** Something that is not as the stack file says. */
export interface Drift extends Finding {
  /**
   * What brings it back: the next `up` once the node has a stamp, with the node drained before where k3s restarts for it; or a
   * person, for what is not ours to change.
   */
  readonly mendedBy: "up" | "drained up" | "hand";
}
