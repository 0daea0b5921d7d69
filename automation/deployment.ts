/** A stack's state as `pulumi stack export` prints it. Secrets in it are encrypted, unless `--show-secrets` was given. */
export interface Deployment {
  /** Of the format. */
  readonly version: number;
  readonly deployment: unknown;
}

export interface ImportOptions {
  /**
   * Whether a state is replaced that has resources. What is only in the state that goes is not managed any more.
   *
   * @default false
   */
  readonly replace?: boolean;
}

export interface ImportResult {
  /** How many resources the stack has now, components included. */
  readonly resources: number;
}
