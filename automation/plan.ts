/**
 * What a preview found that `up` would do. It is a plain object to be handed on as it is, also through JSON, a file or a
 * database; what is in it may change with any release. Secrets in it are encrypted as in the stack's state, and all else
 * is readable: who may read it sees addresses and scripts as in a stack's file.
 */
export interface StackPlan {
  readonly format: 1;
  /** Name of the stack that it is for. */
  readonly stack: string;
  /** Digest of the settings that it was made of, those that are secret left out. */
  readonly settings: string;
  /** For the implementation that made it. */
  readonly content: string;
}
