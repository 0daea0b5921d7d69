import type { DefaultTreeAdapterTypes } from "parse5" with { "resolution-mode": "import" };

// eslint-disable-next-line @typescript-eslint/no-require-imports -- is a module of the other kind, which the loader's imports do not call
const parse5 = require("parse5") as typeof import("parse5", { with: { "resolution-mode": "import" } });

export type Element = DefaultTreeAdapterTypes.Element;

/** Every element and attribute that Groundwork itself writes. */
const TAGS =
  /^(html|head|meta|title|style|body|a|header|nav|main|section|footer|h[1-3]|p|ul|ol|li|dl|div|dt|dd|table|caption|thead|tbody|tr|th|td|details|summary|pre|code|ins|del|span|strong|figure|figcaption|svg|desc|g|rect|path|text|label|input|script)$/;
const ATTRIBUTES =
  /^(lang|charset|http-equiv|content|name|class|href|id|tabindex|role|aria-label|aria-labelledby|scope|type|hidden|autocomplete|width|height|viewBox|x|y|rx|d)$/;

/** A page as a browser reads it; fails where a browser has to guess. */
export function parsedPage(page: string): Element[] {
  const errors: string[] = [];
  const document = parse5.parse(page, { onParseError: ({ code }) => errors.push(code) });
  if (errors.length > 0) throw new Error(`the page is not whole: ${[...new Set(errors)].join(", ")}`);
  return elementsIn(document);
}

/** Every element below one, in the order of the page. */
export function elementsIn(node: DefaultTreeAdapterTypes.ParentNode): Element[] {
  return node.childNodes.flatMap((child) => ("tagName" in child ? [child, ...elementsIn(child)] : []));
}

/** What a reader sees of an element. */
export function textOf(node: DefaultTreeAdapterTypes.Node): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}

export function attributeOf(element: Element | undefined, name: string): string | undefined {
  return element?.attrs.find((attribute) => attribute.name === name)?.value;
}

export function tagged(elements: readonly Element[], tag: string, className?: string): Element[] {
  return elements.filter(
    (element) =>
      element.tagName === tag &&
      (className === undefined || (attributeOf(element, "class") ?? "").split(" ").includes(className)),
  );
}

/** What only a text of somebody else can have brought in: elements, attributes, comments of its own, addresses. */
export function foreignParts(page: string): string[] {
  const elements = parsedPage(page);
  return [
    ...elements.flatMap(({ tagName, attrs }) => [
      ...(TAGS.test(tagName) ? [] : [tagName]),
      ...attrs.filter(({ name }) => !ATTRIBUTES.test(name)).map(({ name }) => `${tagName} ${name}`),
      ...attrs
        .filter(({ name, value }) => name === "href" && !/^#[a-z-]+$/.test(value))
        .map(({ value }) => `address ${value}`),
    ]),
    ...elements.flatMap(({ childNodes }) =>
      childNodes.filter(({ nodeName }) => nodeName === "#comment").map(() => "a comment"),
    ),
    ...["script", "style"].flatMap((tag) => (tagged(elements, tag).length === 1 ? [] : [`not one ${tag}`])),
  ];
}
