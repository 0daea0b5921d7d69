import { createHash, randomBytes } from "node:crypto";
import type { Token, Tokens } from "../access/tokens";
import type { ServiceParts } from "../api/serviceApi";
import type { Store } from "../store/store";

/** How long a person stays signed in. */
const LIFE_MS = 8 * 3_600_000;
/** Browsers of one token; the oldest goes when another one signs in. */
const MOST_OF_A_TOKEN = 20;

/**
 * Who is signed in on the page. A browser has a random id, and the record what that id stands for, by its digest: the token's own id, which
 * is looked up at each request, so that a session ends with its token.
 */
export class Sessions {
  readonly #store: Store;
  readonly #tokens: Tokens;
  readonly #now: () => Date;

  constructor({ store, tokens, now }: Pick<ServiceParts, "store" | "tokens" | "now">) {
    this.#store = store;
    this.#tokens = tokens;
    this.#now = now;
  }

  /** Begins one, and gives the id that the browser keeps. */
  async begin({ id: token }: Token): Promise<string> {
    const id = randomBytes(32).toString("base64url");
    const now = this.#now();
    const until = new Date(now.getTime() + LIFE_MS).toISOString();
    await this.#store.transaction(async (within) => {
      await within.run("DELETE FROM sessions WHERE until <= ?", now.toISOString());
      await within.run("INSERT INTO sessions (id, token, until) VALUES (?, ?, ?)", digestOf(id), token, until);
      await within.run(
        `DELETE FROM sessions WHERE token = ? AND id NOT IN
           (SELECT id FROM sessions WHERE token = ? ORDER BY until DESC LIMIT ${MOST_OF_A_TOKEN})`,
        ...[token, token],
      );
    });
    return id;
  }

  /** The token that a session stands for; undefined where there is no such session, or its token is not accepted any more. */
  async tokenOf(id: string): Promise<Token | undefined> {
    const row = await this.#store.one(
      "SELECT token FROM sessions WHERE id = ? AND until > ?",
      digestOf(id),
      this.#now().toISOString(),
    );
    if (row === undefined) return undefined;
    const known = await this.#tokens.byId(row["token"] as string);
    return "token" in known ? known.token : undefined;
  }

  async end(id: string): Promise<void> {
    await this.#store.run("DELETE FROM sessions WHERE id = ?", digestOf(id));
  }
}

function digestOf(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
