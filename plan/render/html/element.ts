import { visible } from "../markdownParts";

/** What an element holds: texts, which are escaped, and elements in an object of their own, which are not. */
export type Content = Made | string | number | undefined | readonly Content[];

/** Markup that was made here: every text in it is escaped. A string is never taken for it. */
export class Made {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** Names of attributes are Groundwork's own; a value of undefined or false leaves it out, true writes its name only. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Elements that hold nothing and are not closed. */
const VOID: ReadonlySet<string> = new Set(["br", "input", "link", "meta"]);

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * An element. The tag is one that the code names, never a value; an address would have to be an attribute that is written here, so that
 * no value becomes a link.
 */
export function element(tag: string, attributes: Attributes, ...content: readonly Content[]): Made {
  const start = `<${tag}${Object.entries(attributes).map(attribute).join("")}>`;
  return new Made(VOID.has(tag) ? start : `${start}${markupOf(content)}</${tag}>`);
}

/** What several make together. */
export function markupOf(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Made) return content.markup;
  if (typeof content === "string" || typeof content === "number") return escaped(String(content));
  return content.map(markupOf).join("");
}

/** The content of a `style` or `script` element, in which nothing is escaped: only for texts that the code itself has. */
export function raw(tag: "style" | "script", own: string): Made {
  return new Made(`<${tag}>${own}</${tag}>`);
}

function attribute([name, value]: [string, Attributes[string]]): string {
  if (value === undefined || value === false) return "";
  return value === true ? ` ${name}` : ` ${name}="${escaped(String(value))}"`;
}

/** Text that is nothing but text, in an element and in an attribute; what cannot be seen is shown by its number. */
function escaped(text: string): string {
  const seen = text
    .split(/([\n\t])/)
    .map((part) => (part === "\n" || part === "\t" ? part : visible(part)))
    .join("");
  return seen.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
