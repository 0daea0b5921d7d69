import { inspect } from "node:util";

/** What every rendering of a secret shows. */
export const SECRET_MARK = "[secret]";

/**
 * A secret setting's value. It prints as `[secret]` wherever it is formatted, serialised or inspected;
 * only {@link Secret.reveal} gives the text, and only code that hands it to a secret resource input calls that.
 */
export class Secret {
  readonly #text: string | undefined;

  private constructor(text: string | undefined) {
    this.#text = text;
  }

  /** A secret whose text is known to this process. */
  static of(text: string): Secret {
    return new Secret(text);
  }

  /** A secret that is set in the stack's file but is not decrypted here (the offline plan). */
  static sealed(): Secret {
    return new Secret(undefined);
  }

  /** Whether the text is known; the offline plan never knows it. */
  get isKnown(): boolean {
    return this.#text !== undefined;
  }

  /** The text, or `[secret]` when it is sealed. */
  reveal(): string {
    return this.#text ?? SECRET_MARK;
  }

  toString(): string {
    return SECRET_MARK;
  }

  toJSON(): string {
    return SECRET_MARK;
  }

  [inspect.custom](): string {
    return SECRET_MARK;
  }
}
