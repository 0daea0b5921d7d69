import { createHash, randomBytes } from "node:crypto";
import type { Token, Tokens } from "../access/tokens";

/** How long a person stays signed in. */
const LIFE_MS = 8 * 3_600_000;
/** Browsers of one token; the oldest goes when another one signs in. */
const MOST_OF_A_TOKEN = 20;

interface Session {
  readonly token: string;
  readonly until: number;
}

/**
 * Who is signed in on the page. A browser has a random id, and the service what that id stands for: the token's own id, which is looked up
 * at each request, so that a session ends with its token. They are kept in memory, by digests; a restart ends them.
 */
export class Sessions {
  readonly #tokens: Tokens;
  readonly #now: () => Date;
  readonly #sessions = new Map<string, Session>();

  constructor(tokens: Tokens, now: () => Date) {
    this.#tokens = tokens;
    this.#now = now;
  }

  /** Begins one, and gives the id that the browser keeps. */
  begin({ id: token }: Token): string {
    this.#forgetOld();
    const others = [...this.#sessions].filter(([, session]) => session.token === token);
    for (const [key] of others.slice(0, Math.max(0, others.length - MOST_OF_A_TOKEN + 1))) this.#sessions.delete(key);
    const id = randomBytes(32).toString("base64url");
    this.#sessions.set(digestOf(id), { token, until: this.#now().getTime() + LIFE_MS });
    return id;
  }

  /** The token that a session stands for; undefined where there is no such session, or its token is not accepted any more. */
  async tokenOf(id: string): Promise<Token | undefined> {
    const session = this.#sessions.get(digestOf(id));
    if (session === undefined || session.until <= this.#now().getTime()) return undefined;
    const known = await this.#tokens.byId(session.token);
    if ("token" in known) return known.token;
    this.end(id);
    return undefined;
  }

  end(id: string): void {
    this.#sessions.delete(digestOf(id));
  }

  #forgetOld(): void {
    const now = this.#now().getTime();
    for (const [key, { until }] of this.#sessions) if (until <= now) this.#sessions.delete(key);
  }
}

function digestOf(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
