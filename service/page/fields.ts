import { randomUUID } from "node:crypto";
import { z } from "zod";
import { element, type Made } from "../../plan/render/html/element";

/** A note for the stack's history, out of a form: a field that was left empty is none. */
export const message = z
  .string()
  .max(500)
  .optional()
  .transform((text) => (text === undefined || text.trim() === "" ? undefined : text.trim()));

export function messageField(id: string): Made {
  return element(
    "label",
    { for: id },
    "Note for the history (may be left empty)",
    element("input", { id, name: "message", type: "text", maxlength: 500, autocomplete: "off" }),
  );
}

/** A form that asks for one thing, by one button. Sent twice it is done once, by its key. */
export function actionForm(
  action: string,
  {
    button,
    fields = {},
    more,
    kind,
  }: {
    readonly button: string;
    readonly fields?: Readonly<Record<string, string>>;
    readonly more?: Made;
    readonly kind?: "main" | "stop";
  },
): Made {
  return element(
    "form",
    { class: "field", method: "post", action },
    Object.entries({ ...fields, key: randomUUID() }).map(([name, value]) =>
      element("input", { type: "hidden", name, value }),
    ),
    more,
    element("button", { type: "submit", class: kind }, button),
  );
}
