import type { Host } from "./host";
import type { Verb } from "./scripts";

/** A verb at work: the host before it, and what it has to do there. */
export interface Scenario {
  readonly name: string;
  readonly verb: Verb;
  readonly nodes: readonly string[];
  readonly node: string;
  /** Brings the host to where the verb is called. */
  readonly prepare: (host: Host) => Promise<void>;
  /** What it may say, and end well, though it did not do its work: a failure that it has to live with. */
  readonly livesWith?: { readonly kinds: RegExp; readonly says: RegExp };
}
