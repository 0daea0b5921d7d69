import { createHash } from "node:crypto";
import type { FastifyReply } from "fastify";
import { element, markupOf, type Content, type Made } from "../../plan/render/html/element";
import { sectionOf } from "../../plan/render/html/page";
import { list, type Section } from "../../plan/render/html/parts";
import { SCRIPT } from "../../plan/render/html/script";
import { STYLE } from "../../plan/render/html/style";
import type { Caller } from "../access/caller";
import { LIVE_SCRIPT } from "./liveScript";
import { PAGE_STYLE } from "./pageStyle";

/** Where all pages stand. */
export const ROOT = "/page";

/** An address of the page, with names as they have to be in one; always one of this service. */
export function pathTo(...steps: readonly string[]): string {
  return [ROOT, ...steps.map(encodeURIComponent)].join("/");
}

export interface Shown {
  readonly title: string;
  /** For the browser's tab. Default: the title. */
  readonly tab?: string;
  /** Who is signed in. */
  readonly token: Caller | undefined;
  /** Where the page belongs: addresses with their names, the nearest last. */
  readonly trail?: readonly (readonly [name: string, address: string])[];
  /** Below the title. */
  readonly lead?: Content;
  readonly sections: readonly (Section | undefined)[];
  /** Address of the events by which the page goes on while it is open. */
  readonly live?: string;
  /** Whether the browser is to ask for it once more, at once. */
  readonly again?: boolean;
}

/** What the browser fetches besides: named by what is in it, so that it may keep it for ever. */
export const ASSETS = {
  style: asset("css", "text/css", STYLE + PAGE_STYLE),
  script: asset("js", "text/javascript", SCRIPT + LIVE_SCRIPT),
  icon: asset(
    "svg",
    "image/svg+xml",
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0550ae" d="M1 10h14v5H1zM3 5h10v4H3zM5 1h6v3H5z"/></svg>',
  ),
} as const;

function asset(
  ending: string,
  type: string,
  text: string,
): { readonly path: string; readonly type: string; readonly text: string } {
  const name = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return { path: `/assets/${name}.${ending}`, type: `${type}; charset=utf-8`, text };
}

/** Scripts, styles and connections of this service only, none of them in the page's own text, and the page in no other one. */
const POLICY = [
  ...["default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "connect-src 'self'"],
  ...["form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"],
].join("; ");

/** Sends a page. */
export function sendPage(reply: FastifyReply, shown: Shown): FastifyReply {
  return reply
    .headers({
      "content-security-policy": POLICY,
      "cache-control": "no-store",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      // Of "no-referrer", browsers would leave the origin out of what a form sends.
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
    })
    .type("text/html; charset=utf-8")
    .send(`<!doctype html>\n${markupOf(pageElement(shown))}\n`);
}

function pageElement(shown: Shown): Made {
  const { title, tab = title, token, trail = [], lead, sections, live, again } = shown;
  const head = element(
    "head",
    {},
    element("meta", { charset: "utf-8" }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    again === true ? element("meta", { "http-equiv": "refresh", content: "0" }) : undefined,
    element("title", {}, windowTitle(tab)),
    element("link", { rel: "icon", href: `${ROOT}${ASSETS.icon.path}` }),
    element("link", { rel: "stylesheet", href: `${ROOT}${ASSETS.style.path}` }),
    element("script", { src: `${ROOT}${ASSETS.script.path}`, defer: true }),
  );
  return element(
    "html",
    { lang: "en" },
    head,
    element(
      "body",
      {},
      element("a", { class: "skip", href: "#main" }, "Skip to the content"),
      element("header", { class: "bar" }, siteNavigation(trail), token === undefined ? undefined : whoIs(token)),
      element(
        "main",
        { id: "main", tabindex: -1, "data-live": live },
        element("h1", {}, title),
        lead,
        sections.filter((section) => section !== undefined).map(sectionOf),
      ),
    ),
  );
}

export function windowTitle(tab: string): string {
  return `${tab} · Groundwork`;
}

function siteNavigation(trail: NonNullable<Shown["trail"]>): Made {
  const all = [["Groundwork", ROOT] as const, ...trail];
  return element(
    "nav",
    { "aria-label": "Where you are" },
    list(all.map(([name, href]) => element("a", { href }, name))),
  );
}

function whoIs({ name }: Caller): Made {
  return element(
    "form",
    { class: "who", method: "post", action: pathTo("sign-out") },
    element("span", {}, "Token ", element("strong", {}, name)),
    element("button", { type: "submit" }, "Sign out"),
  );
}
