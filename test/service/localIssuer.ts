import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { CryptoKey, JWTPayload } from "jose" with { "resolution-mode": "import" };
import { jose } from "../../service/access/jose";

interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** An issuer of tokens on this machine, as GitHub's, GitLab's and a cluster's are: a discovery document, keys, and signed claims. */
export class LocalIssuer {
  /** How often its keys were asked for. */
  fetches = 0;
  isAway = false;
  /** What GitHub's runner is given for a job when it asks for a token (`/token`). */
  claims: JWTPayload = {};
  readonly #server: Server;
  readonly #published: Key[] = [];

  constructor() {
    this.#server = createServer(
      (request, response) =>
        void this.#answer(request.url ?? "").then(([status, body]) =>
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
        ),
    );
  }

  async start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await new Promise((resolve) => this.#server.once("listening", resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Makes a key; one that is not published signs what nobody can verify. */
  async key(kid: string, { alg = "ES256", isPublished = true } = {}): Promise<Key> {
    const key = { kid, alg, ...(await jose.generateKeyPair(alg, { extractable: true })) };
    if (isPublished) this.#published.push(key);
    return key;
  }

  withdraw(key: Key): void {
    this.#published.splice(this.#published.indexOf(key), 1);
  }

  /** Signs claims as a job's token has them; those that are given take the place of the usual ones, and undefined takes one away. */
  async token({ kid, alg, privateKey }: Key, claims: JWTPayload = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: this.address, aud: "groundwork", sub: SUBJECT, iat: now, nbf: now, exp: now + 300 };
    const all = { ...usual, repository: "acme/clusters", ref: "refs/heads/main", ...claims };
    return new jose.SignJWT(JSON.parse(JSON.stringify(all)) as JWTPayload)
      .setProtectedHeader({ alg, kid, typ: "JWT" })
      .sign(privateKey);
  }

  async #answer(url: string): Promise<[number, unknown]> {
    if (this.isAway) return [502, {}];
    if (url === "/.well-known/openid-configuration") {
      return [200, { issuer: this.address, jwks_uri: `${this.address}/keys` }];
    }
    const [first] = this.#published;
    if (url.startsWith("/token?") && first !== undefined) return [200, { value: await this.token(first, this.claims) }];
    if (url !== "/keys") return [404, {}];
    this.fetches++;
    const keys = this.#published.map(async ({ kid, alg, publicKey }) => ({
      ...(await jose.exportJWK(publicKey)),
      kid,
      alg,
    }));
    return [200, { keys: await Promise.all(keys) }];
  }
}

export const SUBJECT = "repo:acme/clusters:ref:refs/heads/main";
