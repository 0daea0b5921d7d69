import type { FastifyRequest } from "fastify";
import type { Caller } from "../access/caller";
import type { Issuers, Refusal } from "../access/issuers";
import type { Tokens } from "../access/tokens";
import { RequestError } from "./problems";
import { tokenOf, type Api } from "./serviceApi";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether a route is for everybody. */
    isOpen?: boolean;
  }
}

/** What the holder is told of a token that is not taken. Nothing that a token says of itself is repeated. */
const REFUSED: Readonly<Record<Refusal | "unknown" | "revoked", string>> = {
  unknown: "the service does not know the token",
  expired: "the token has expired",
  revoked: "the token was revoked",
  "unknown-issuer": "the service does not take tokens of this issuer",
  "bad-signature": "the token is not signed as its issuer signs",
  incomplete: "the token does not say for whom, of whom or of when it is",
  "not-yet-valid": "the token is not valid yet",
  "too-old": "the token was issued too long ago",
  "wrong-audience": "the token is for another audience",
  "no-grant": "the service's file grants nothing to such a token of this issuer",
};

/** Has every route but the open ones ask for a token, before a body is read. */
export function authenticate(api: Api, access: { readonly tokens: Tokens; readonly issuers: Issuers }): void {
  api.decorateRequest("token", undefined);
  api.addHook("onRequest", async (request, reply) => {
    const [, text] = /^Bearer ([\w.-]{1,8000})$/i.exec(request.headers.authorization ?? "") ?? [];
    if (request.routeOptions.config.isOpen === true) return;
    void reply.header("www-authenticate", "Bearer");
    if (text !== undefined) {
      request.token = text.includes(".")
        ? await foreign(text, request, access.issuers)
        : await own(text, request, access.tokens);
    }
    tokenOf(request);
    void reply.removeHeader("www-authenticate");
  });
}

async function own(text: string, request: FastifyRequest, tokens: Tokens): Promise<Caller> {
  const known = await tokens.known(text);
  if (!("refused" in known)) return known.token;
  refuse(request, known.refused);
  throw new RequestError("no-token", REFUSED[known.refused], { remedy: "ask the operator for a new one" });
}

/** A JWT: the service's own tokens have no dot. */
async function foreign(text: string, request: FastifyRequest, issuers: Issuers): Promise<Caller> {
  const known = await issuers.known(text);
  if ("caller" in known) return known.caller;
  if ("away" in known) {
    request.log.error({ reason: known.away }, "an issuer's keys cannot be had");
    const remedy = "try again in a few seconds; other tokens are taken";
    throw new RequestError("issuer-away", "the token cannot be checked: its issuer's keys cannot be had now", {
      remedy,
    });
  }
  const { refused, name } = known;
  refuse(request, refused, name);
  if (refused === "no-grant") {
    throw new RequestError("forbidden", REFUSED[refused], {
      remedy: "ask the operator for a grant in 'oidc' of the service's file",
    });
  }
  throw new RequestError("no-token", REFUSED[refused], {
    remedy: "have the issuer make a new one, as docs/service.md shows",
  });
}

function refuse(request: FastifyRequest, refused: string, name?: string): void {
  request.log.warn(
    { audit: true, refused, ...(name === undefined ? {} : { token: name }), from: request.ip },
    "token refused",
  );
}
