import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Row, Store } from "../store/store";
import type { Caller } from "./caller";
import type { Grant } from "./grants";

/** Who may ask for what; the token itself is known to its owner only. */
export interface Token extends Caller {
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | undefined;
}

export type Known = { readonly token: Token } | { readonly refused: "unknown" | "expired" | "revoked" };

const PREFIX = "gw";

/** Tokens of 32 random bytes, kept as their SHA-256: what is random needs no slow hash. */
export class Tokens {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date = () => new Date()) {
    this.#store = store;
    this.#now = now;
  }

  /** Makes one. Its text is given this once and is not kept. */
  async create(wanted: {
    readonly name: string;
    readonly grants: readonly Grant[];
    readonly expiresAt: Date;
  }): Promise<{ readonly token: Token; readonly text: string }> {
    const id = randomBytes(6).toString("hex");
    const text = `${PREFIX}_${id}_${randomBytes(32).toString("base64url")}`;
    await this.#store.run(
      "INSERT INTO tokens (id, name, digest, grants, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
      ...[id, wanted.name, digestOf(text), JSON.stringify(wanted.grants)],
      ...[this.#now().toISOString(), wanted.expiresAt.toISOString()],
    );
    return { token: tokenOf((await this.#row(id)) ?? {}), text };
  }

  /** The token that a text is. */
  async known(text: string): Promise<Known> {
    const [, id = ""] = /^gw_([0-9a-f]{12})_[\w-]{43}$/.exec(text) ?? [];
    const row = await this.#row(id);
    // Compared even when there is none, so that the time of the answer tells nothing.
    const isSame = timingSafeEqual(
      Buffer.from((row?.["digest"] as string | undefined) ?? NONE),
      Buffer.from(digestOf(text)),
    );
    return row === undefined || !isSame ? { refused: "unknown" } : this.#stillKnown(row);
  }

  /** The token with an id, for who has shown it before. */
  async byId(id: string): Promise<Known> {
    const row = await this.#row(id);
    return row === undefined ? { refused: "unknown" } : this.#stillKnown(row);
  }

  #stillKnown(row: Row): Known {
    const token = tokenOf(row);
    if (token.revokedAt !== undefined) return { refused: "revoked" };
    if (new Date(token.expiresAt) <= this.#now()) return { refused: "expired" };
    return { token };
  }

  async list(): Promise<Token[]> {
    return (await this.#store.all("SELECT * FROM tokens ORDER BY created_at, id")).map(tokenOf);
  }

  /** Gives whether there was such a token that was not revoked yet. */
  async revoke(id: string): Promise<boolean> {
    const text = "UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
    return (await this.#store.run(text, this.#now().toISOString(), id)) === 1;
  }

  #row(id: string): Promise<Row | undefined> {
    return this.#store.one("SELECT * FROM tokens WHERE id = ?", id);
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const NONE = digestOf("");

function tokenOf(row: Row): Token {
  return {
    id: row["id"] as string,
    name: row["name"] as string,
    grants: JSON.parse(row["grants"] as string) as Grant[],
    createdAt: row["created_at"] as string,
    expiresAt: row["expires_at"] as string,
    revokedAt: (row["revoked_at"] as string | null) ?? undefined,
  };
}
