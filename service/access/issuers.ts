import type { JWTPayload } from "jose" with { "resolution-mode": "import" };
import type { TrustedIssuer } from "../settings/issuerSettings";
import { subjectIdentity, type Caller } from "./caller";
import { claimsMatch } from "./claims";
import { issuerKeys, KeysAway, type KeyOptions } from "./issuerKeys";
import { jose } from "./jose";

/** Why a token of somebody else is not taken. Reasons behind the signature are told to nobody but those who have the issuer's token. */
export type Refusal =
  | "unknown-issuer"
  | "bad-signature"
  | "incomplete"
  | "expired"
  | "not-yet-valid"
  | "too-old"
  | "wrong-audience"
  | "no-grant";

export type KnownCaller =
  | { readonly caller: Caller }
  /** With the name of its subject, where that is certain. */
  | { readonly refused: Refusal; readonly name?: string }
  | { readonly away: string };

interface Trusted extends TrustedIssuer {
  readonly keys: ReturnType<typeof issuerKeys>;
}

const CLOCK_SECONDS = 30;
const KEYS: KeyOptions = { cooldownMs: 30_000, retryMs: 10_000 };

/** Knows the holders of tokens that others have issued (OpenID Connect ID tokens, tokens of service accounts: signed JWTs). */
export class Issuers {
  readonly #trusted: ReadonlyMap<string, Trusted>;
  readonly #now: () => Date;

  constructor(issuers: readonly TrustedIssuer[], { now = () => new Date(), keys = KEYS } = {}) {
    this.#trusted = new Map(issuers.map((each) => [each.issuer, { ...each, keys: issuerKeys(each, keys) }]));
    this.#now = now;
  }

  /** Whose a token is, and what it may do: all that any grant says that its claims match. */
  async known(text: string): Promise<KnownCaller> {
    const trusted = this.#trusted.get(issuerOf(text) ?? "");
    if (trusted === undefined) return { refused: "unknown-issuer" };
    let claims: JWTPayload;
    try {
      const { payload } = await jose.jwtVerify(text, trusted.keys, {
        issuer: trusted.issuer,
        audience: [...trusted.audiences],
        algorithms: [...trusted.algorithms],
        maxTokenAge: trusted.maxAgeMinutes * 60,
        requiredClaims: ["exp"],
        clockTolerance: CLOCK_SECONDS,
        currentDate: this.#now(),
      });
      claims = payload;
    } catch (error) {
      return failureOf(error);
    }
    const { sub } = claims;
    if (typeof sub !== "string" || sub === "") return { refused: "incomplete" };
    const identity = subjectIdentity(trusted.issuer, sub);
    const grants = trusted.grants.filter((grant) => claimsMatch(claims, grant.claims)).flatMap((grant) => grant.grants);
    return grants.length === 0 ? { refused: "no-grant", name: identity.name } : { caller: { ...identity, grants } };
  }
}

/** Whom a token calls its issuer, before anything of it is believed. */
function issuerOf(text: string): string | undefined {
  try {
    return jose.decodeJwt(text).iss;
  } catch {
    return undefined;
  }
}

function failureOf(error: unknown): KnownCaller {
  const { errors } = jose;
  if (error instanceof errors.JWTExpired) return { refused: error.claim === "iat" ? "too-old" : "expired" };
  if (error instanceof errors.JWTClaimValidationFailed) {
    return {
      refused: error.claim === "aud" && error.reason === "check_failed" ? "wrong-audience" : timeRefusal(error),
    };
  }
  if (error instanceof KeysAway) return { away: error.message };
  const isOfToken =
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys;
  if (isOfToken) return { refused: "bad-signature" };
  return { away: error instanceof Error ? error.message : String(error) };
}

/** A verified token that is of a time to come, or has a claim too few or of another type. */
function timeRefusal({ claim, reason }: { readonly claim: string; readonly reason: string }): Refusal {
  return reason === "check_failed" && (claim === "nbf" || claim === "iat") ? "not-yet-valid" : "incomplete";
}
