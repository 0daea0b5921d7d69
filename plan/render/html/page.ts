import { createHash } from "node:crypto";
import { element, markupOf, raw, type Content } from "./element";
import { list, type Section } from "./parts";
import { SCRIPT } from "./script";
import { STYLE } from "./style";

export interface Page {
  /** Above the title, in a few words. */
  readonly kicker: string;
  readonly title: string;
  /** Below the title: what everything comes to. */
  readonly verdict: Content;
  /** Those without content are left out. */
  readonly sections: readonly (Section | undefined)[];
  readonly footer: string;
}

/**
 * Nothing from outside, and of what is inside only the one style and the one script that are written here: what a value brings along does
 * not run, even if it were markup.
 */
const POLICY = [
  "default-src 'none'",
  `style-src ${digestOf(STYLE)}`,
  `script-src ${digestOf(SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** One file that needs nothing else: no network, and no script to be read. */
export function pageOf({ kicker, title, verdict, sections, footer }: Page): string {
  const shown = sections.filter((section) => section !== undefined);
  const head = element(
    "head",
    {},
    element("meta", { charset: "utf-8" }),
    element("meta", { "http-equiv": "Content-Security-Policy", content: POLICY }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    element("meta", { name: "referrer", content: "no-referrer" }),
    element("title", {}, `${title}: ${kicker}`),
    raw("style", STYLE),
  );
  const body = element(
    "body",
    {},
    element("a", { class: "skip", href: "#main" }, "Skip to the content"),
    element("header", {}, element("p", { class: "kicker" }, kicker), element("h1", {}, title), verdict),
    element(
      "nav",
      { "aria-label": "On this page" },
      list(shown.map(({ id, title: name }) => element("a", { href: `#${id}` }, name))),
    ),
    element("main", { id: "main", tabindex: -1 }, shown.map(sectionOf)),
    element("footer", {}, element("p", {}, footer)),
    raw("script", SCRIPT),
  );
  return `<!doctype html>\n${markupOf(element("html", { lang: "en" }, head, body))}\n`;
}

/** A section, or none where there is nothing to show in it. */
export function section(id: string, title: string, ...content: readonly Content[]): Section | undefined {
  return content.every((each) => each === undefined) ? undefined : { id, title, content };
}

/** A section with its heading. */
export function sectionOf({ id, title, content }: Section): Content {
  const heading = `${id}-heading`;
  return element("section", { id, "aria-labelledby": heading }, element("h2", { id: heading }, title), content);
}

function digestOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
