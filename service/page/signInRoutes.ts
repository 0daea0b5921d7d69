import { z } from "zod";
import { element, type Content } from "../../plan/render/html/element";
import type { ServiceParts, Api } from "../api/serviceApi";
import { ownPath } from "./access";
import { forgetSession, keepSession, sessionOf } from "./cookie";
import { pathTo, sendPage } from "./html";
import type { Sessions } from "./sessions";

const config = { isOpen: true, isForAll: true } as const;
const next = z.string().max(2000).optional();
const REFUSED = {
  unknown: "The service does not know this token.",
  expired: "This token has expired.",
  revoked: "This token was revoked.",
} as const;

/** Signing in with a token of the service, and out. */
export function addSignInRoutes(page: Api, { tokens }: ServiceParts, sessions: Sessions): void {
  page.get("/sign-in", { config, schema: { hide: true, querystring: z.object({ next }) } }, (request, reply) => {
    if (request.token !== undefined) return reply.redirect(ownPath(request.query.next), 303);
    return sendPage(reply, signInPage(request.query.next, undefined));
  });

  page.post(
    "/sign-in",
    { config, schema: { hide: true, body: z.object({ token: z.string().max(4000), next }) } },
    async (request, reply) => {
      const known = await tokens.known(request.body.token.trim());
      if ("refused" in known) {
        request.log.warn({ audit: true, refused: known.refused, from: request.ip }, "token refused");
        void reply.code(401);
        return sendPage(
          reply,
          signInPage(request.body.next, `${REFUSED[known.refused]} Ask the operator for a new one.`),
        );
      }
      request.log.info({ audit: true, token: known.token.name, from: request.ip }, "signed in on the page");
      const before = sessionOf(request);
      if (before !== undefined) await sessions.end(before);
      keepSession(request, reply, await sessions.begin(known.token));
      return reply.redirect(ownPath(request.body.next), 303);
    },
  );

  page.post("/sign-out", { config, schema: { hide: true } }, async (request, reply) => {
    const session = sessionOf(request);
    if (session !== undefined) await sessions.end(session);
    forgetSession(reply);
    return reply.redirect(pathTo("sign-in"), 303);
  });
}

function signInPage(to: string | undefined, refused: string | undefined): Parameters<typeof sendPage>[1] {
  const field: Content = element("input", {
    ...{ id: "token", name: "token", type: "password", required: true, autocomplete: "current-password" },
    ...(refused === undefined ? {} : { "aria-invalid": "true", "aria-describedby": "refused" }),
  });
  return {
    title: refused === undefined ? "Sign in" : "Sign in: the token was refused",
    token: undefined,
    lead: [
      element("p", {}, "With a token of this service. 'groundwork serve token create' makes one."),
      refused === undefined ? undefined : element("p", { id: "refused", class: "alert", role: "alert" }, refused),
      element(
        "form",
        { class: "field", method: "post", action: pathTo("sign-in") },
        element("input", { type: "hidden", name: "next", value: ownPath(to) }),
        // For password managers, which keep a password with a name.
        element("input", { type: "text", name: "username", value: "token", autocomplete: "username", hidden: true }),
        element("label", { for: "token" }, "Token", field),
        element("button", { class: "main", type: "submit" }, "Sign in"),
      ),
    ],
    sections: [],
  };
}
