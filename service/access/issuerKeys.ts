import type { JWSHeaderParameters, RemoteJWKSet } from "jose" with { "resolution-mode": "import" };
import { isSafeUrl, type TrustedIssuer } from "../settings/issuerSettings";
import { jose } from "./jose";

/** An issuer's keys cannot be had now. */
export class KeysAway extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "KeysAway";
  }
}

export interface KeyOptions {
  /** How long after a fetch an unknown key makes no further one: whoever makes up keys must not have the issuer asked each time. */
  readonly cooldownMs: number;
  /** How long after a fetch that failed none is tried. */
  readonly retryMs: number;
}

const TIMEOUT_MS = 5000;

/** Gives an answer that is JSON without a flaw. */
type Get = (url: string, options: RequestInit, flawOf: (document: unknown) => string | undefined) => Promise<Response>;

type Keys = (...parameters: Parameters<RemoteJWKSet>) => ReturnType<RemoteJWKSet>;

/** The keys of an issuer, fetched when they are needed first, kept for ten minutes, and fetched again for a key that is new. */
export function issuerKeys({ issuer, jwksUri }: TrustedIssuer, { cooldownMs, retryMs }: KeyOptions): Keys {
  let failed: { readonly at: number; readonly reason: string } | undefined;
  const get: Get = async (url, options, flawOf) => {
    if (failed !== undefined && Date.now() < failed.at + retryMs) throw new KeysAway(failed.reason);
    try {
      const response = await fetch(url, { ...options, redirect: "manual" });
      // Read here: a body that breaks off is the same as none.
      const body = await response.text();
      if (response.status !== 200) throw new Error(`the answer was ${response.status}`);
      const flaw = flawOf(JSON.parse(body) as unknown);
      if (flaw !== undefined) throw new Error(flaw);
      failed = undefined;
      return new Response(body);
    } catch (error) {
      failed = { at: Date.now(), reason: `${url}: ${reasonOf(error)}` };
      throw new KeysAway(failed.reason);
    }
  };
  const made = async (): Promise<RemoteJWKSet> => {
    const url = jwksUri ?? (await discovered(issuer, get));
    return jose.createRemoteJWKSet(new URL(url), {
      ...{ timeoutDuration: TIMEOUT_MS, cooldownDuration: cooldownMs },
      [jose.customFetch]: (address, options) => get(address, options, (document) => keysFlaw(document)),
    });
  };
  let keys: Promise<RemoteJWKSet> | undefined;
  return async (header?: JWSHeaderParameters, token?) => {
    keys ??= made().catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return (await keys)(header, token);
  };
}

/** Where an issuer's keys are (OpenID Connect Discovery 1.0, 4). */
async function discovered(issuer: string, get: Get): Promise<string> {
  const at = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const response = await get(at, { signal: AbortSignal.timeout(TIMEOUT_MS) }, (document) => {
    const { issuer: named, jwks_uri: uri } = (document ?? {}) as {
      readonly issuer?: unknown;
      readonly jwks_uri?: unknown;
    };
    if (named !== issuer) return "is the document of another issuer";
    return typeof uri === "string" && isSafeUrl(uri) ? undefined : "has no https address of keys";
  });
  return ((await response.json()) as { readonly jwks_uri: string }).jwks_uri;
}

function keysFlaw(document: unknown): string | undefined {
  const { keys } = (document ?? {}) as { readonly keys?: unknown };
  return Array.isArray(keys) ? undefined : "is no set of keys";
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
