import type { PolicyObject } from "../object";

/** Something that every object of a stack is held to. Pure. */
export interface Rule {
  /** What goes wrong without it. */
  readonly reason: string;
  /** What to write. */
  readonly remedy: string;
  /** Whether it needs the other objects too: of a stack that is being made they are known only at the end. */
  readonly needsAll?: boolean;
  /** What is wrong with an object, to be read after its name: `runs shop:latest`. */
  readonly find: (object: PolicyObject, all: readonly PolicyObject[]) => readonly string[];
}
