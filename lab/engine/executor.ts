import type { Change } from "./diff";
import type { Values } from "./propertyValues";
import type { ReplacementRules } from "./step";

/** One operation on one resource, with every value in plain text. */
export interface Work {
  readonly urn: string;
  /** Logical name. */
  readonly name: string;
  readonly type: string;
  /** As they should be; for a deletion as they were recorded. */
  readonly inputs: Values;
  /** What is recorded of it; absent for a creation. */
  readonly old?: { readonly id: string; readonly inputs: Values; readonly outputs: Values };
  /** Inputs of the provider it was registered with. */
  readonly provider?: Values;
  /** `customTimeouts` of this operation. */
  readonly timeoutSeconds?: number;
  /** The last run ended in the middle of this creation: what it made may be there. */
  readonly wasCutOff: boolean;
  /** Shows a line of progress with the resource's name. */
  readonly print: (line: string) => void;
}

export interface Made {
  readonly id: string;
  /** Everything there is to know of it, inputs included. */
  readonly outputs: Values;
}

/** A creation that failed when there was already something to record, and to delete one day. */
export class HalfMade extends Error {
  readonly made: Made;

  constructor(made: Made, cause: Error) {
    super(cause.message);
    this.made = made;
  }
}

/** Does for one kind of resource what its Pulumi provider does. */
export interface Executor extends Omit<ReplacementRules, "replaces"> {
  /** Whether this change cannot be made in place; `provider` are the inputs of the provider. */
  readonly replaces: (change: Change, before: Values, after: Values, provider?: Values) => boolean;
  /** @throws HalfMade when it failed and left something behind */
  readonly create: (work: Work) => Promise<Made>;
  /** @returns the new outputs; the id stays */
  readonly update: (work: Work) => Promise<Values>;
  readonly delete: (work: Work) => Promise<void>;
  /** What is known of the outputs before it is made or changed; the inputs when absent. What is left out is unknown. */
  readonly foresee?: (inputs: Values, old: Values | undefined) => Values;
}

/** The executor of a resource type, or undefined when the lab engine does not know the type. */
export type ExecutorOf = (type: string) => Executor | undefined;
