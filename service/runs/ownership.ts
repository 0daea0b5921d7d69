import { ALONE, type Operation, type Operations } from "../store/operations";
import type { Lease } from "./lease";
import type { WorkDirectory } from "./workDirectory";

/** Whose runs a service starts and follows: all of a record that is its alone, or its own of one that several share. */
export interface Ownership {
  readonly owner: string;
  /** Takes the next operation that may run. */
  claim(atOnce: number): Promise<Operation | undefined>;
  /**
   * How long a run may go on without news; undefined: as long as it needs.
   *
   * @throws GroundworkError where the run is this service's no more.
   */
  leaseOf(id: string): Lease | undefined;
  /** The file with the plan of a preview, for the run in a directory that does it. */
  planFile(preview: string, work: WorkDirectory): Promise<string>;
  /** Hands on what a run writes to where all listeners read it. The answer waits until all of it, a plan too, is there. */
  handOn(operation: Operation, work: WorkDirectory): () => Promise<void>;
}

/** A service that has the record alone reads everything where its runs write it. */
export function alone(operations: Operations, workOf: (id: string) => WorkDirectory): Ownership {
  return {
    owner: ALONE,
    claim: (atOnce) => operations.claim({ owner: ALONE, atOnce }),
    leaseOf: () => undefined,
    planFile: (preview) => Promise.resolve(workOf(preview).planFile),
    handOn: () => () => Promise.resolve(),
  };
}
