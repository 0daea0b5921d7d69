import type { Tokens } from "../access/tokens";
import { RequestError } from "./problems";
import { tokenOf, type Api } from "./serviceApi";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether a route is for everybody. */
    isOpen?: boolean;
  }
}

const REFUSED = {
  unknown: "the service does not know the token",
  expired: "the token has expired",
  revoked: "the token was revoked",
} as const;

/** Has every route but the open ones ask for a token, before a body is read. */
export function authenticate(api: Api, tokens: Tokens): void {
  api.decorateRequest("token", undefined);
  api.addHook("onRequest", async (request, reply) => {
    const [, text] = /^Bearer ([\w-]{1,200})$/i.exec(request.headers.authorization ?? "") ?? [];
    if (request.routeOptions.config.isOpen === true) return;
    void reply.header("www-authenticate", "Bearer");
    if (text !== undefined) {
      const known = await tokens.known(text);
      if ("refused" in known) {
        request.log.warn({ audit: true, refused: known.refused, from: request.ip }, "token refused");
        throw new RequestError("no-token", REFUSED[known.refused], { remedy: "ask the operator for a new one" });
      }
      request.token = known.token;
    }
    tokenOf(request);
    void reply.removeHeader("www-authenticate");
  });
}
