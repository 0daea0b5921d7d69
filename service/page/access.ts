import type { FastifyReply, FastifyRequest } from "fastify";
import { element } from "../../plan/render/html/element";
import { RequestError } from "../api/problems";
import { tokenOf, type Api } from "../api/serviceApi";
import { isFromHere, sessionOf } from "./cookie";
import { pathTo, ROOT, sendPage } from "./html";
import type { Sessions } from "./sessions";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether a page is for those who are not signed in, too. */
    isForAll?: boolean;
  }
}

/** Has every page but those for all ask for a session, and refuses what another site sends in its name. */
export function guard(page: Api, sessions: Sessions): void {
  page.addHook("onRequest", async (request) => {
    if (request.method !== "GET" && request.method !== "HEAD" && !isFromHere(request)) {
      throw new RequestError("forbidden", "the request does not come from a page of this service", {
        remedy: "use the page's own buttons, in a browser that is up to date",
      });
    }
    const session = sessionOf(request);
    if (session !== undefined) request.token = await sessions.tokenOf(session);
    if (request.routeOptions.config.isForAll !== true) tokenOf(request);
  });
}

/** Sends somebody who is not signed in to where that is done, and back afterwards. */
export function toSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (request.method !== "GET") return reply.redirect(pathTo("sign-in"), 303);
  if (isFollowed(request)) {
    const link = element("a", { href: ownPath(request.url) }, "Go on");
    return sendPage(reply, {
      title: "One moment",
      token: undefined,
      again: true,
      lead: element("p", {}, link),
      sections: [],
    });
  }
  return reply.redirect(`${pathTo("sign-in")}?${new URLSearchParams({ next: request.url }).toString()}`, 303);
}

/**
 * Whether somebody comes by a link of another site, a chat's for example. The browser has left the session out then, as it is told to, and
 * sends it when the page itself asks once more.
 */
function isFollowed({ headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  return headers["sec-fetch-mode"] === "navigate" && (site === "cross-site" || site === "same-site");
}

/** A page of this service out of what a form or an address says; never another site. */
export function ownPath(next: string | undefined): string {
  return next !== undefined && /^\/page(\/[\w./%-]*)?(\?[\w=&.%-]*)?$/.test(next) ? next : ROOT;
}
