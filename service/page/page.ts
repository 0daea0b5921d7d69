import { GroundworkError } from "../../config/groundworkError";
import { element } from "../../plan/render/html/element";
import { list } from "../../plan/render/html/parts";
import { problemLine } from "../../config/problem";
import { problemOf, RequestError } from "../api/problems";
import type { Api, ServiceParts } from "../api/serviceApi";
import { guard, toSignIn } from "./access";
import { ASSETS, pathTo, ROOT, sendPage } from "./html";
import { addOperationRoutes } from "./operationRoutes";
import { Sessions } from "./sessions";
import { addSignInRoutes } from "./signInRoutes";
import { addStackRoutes } from "./stackRoutes";
import { Topologies } from "./topologies";

/** The page for people: the same parts as the API, by a session in place of a token with each request. */
export async function addPage(api: Api, parts: ServiceParts): Promise<void> {
  api.get("/", { config: { isOpen: true }, schema: { hide: true } }, (_, reply) => reply.redirect(ROOT, 303));
  await api.register(
    (scope, _, done) => {
      const page = scope as unknown as Api;
      const sessions = new Sessions(parts);
      // The session is asked for here, in the place of the API's token.
      page.addHook("onRoute", (route) => {
        route.config = { ...route.config, isOpen: true };
      });
      guard(page, sessions);
      page.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, parsed) =>
        parsed(null, Object.fromEntries(new URLSearchParams(String(body)))),
      );
      addErrorPage(page);
      addAssets(page);
      addSignInRoutes(page, parts, sessions);
      addStackRoutes(page, parts, new Topologies(parts));
      addOperationRoutes(page, parts, sessions);
      page.get("/*", { schema: { hide: true } }, () => {
        throw new RequestError("not-found", "There is no such page.", { remedy: "begin with the stacks" });
      });
      done();
    },
    { prefix: ROOT },
  );
}

function addErrorPage(page: Api): void {
  page.setErrorHandler((error, request, reply) => {
    if (GroundworkError.isInstance(error) && error.code === "no-token") return toSignIn(request, reply);
    const { status, title, detail, remedy, problems = [], operation } = problemOf(error);
    if (status >= 500) request.log.error({ err: error }, "request failed");
    void reply.code(status);
    return sendPage(reply, {
      title,
      token: request.token,
      lead: [
        element("p", { class: "alert" }, detail),
        remedy === undefined ? undefined : element("p", {}, `What to do: ${remedy}.`),
        problems.length === 0 ? undefined : list(problems.map(problemLine)),
        operation === undefined
          ? undefined
          : element("p", {}, element("a", { href: pathTo("operations", operation) }, "The operation that it is about")),
        element("p", {}, element("a", { href: ROOT }, "All stacks")),
      ],
      sections: [],
    });
  });
}

function addAssets(page: Api): void {
  for (const { path, type, text } of Object.values(ASSETS)) {
    page.get(path, { config: { isForAll: true, rateLimit: false }, schema: { hide: true } }, (_, reply) =>
      reply
        .headers({ "cache-control": "public, max-age=31536000, immutable", "x-content-type-options": "nosniff" })
        .type(type)
        .send(text),
    );
  }
}
