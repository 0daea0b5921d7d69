import { createHash } from "node:crypto";
import { Secret, SECRET_MARK } from "../../config/secret";
import type { SecretFile } from "./hostFile";

/**
 * A text with secrets in it, as both sides need it.
 *
 * @param render Makes the text; it asks `show` for each secret.
 */
export function secretText(
  render: (show: (secret: Secret) => string) => string,
): Pick<SecretFile, "content" | "shown"> {
  const known: boolean[] = [];
  const text = render((secret) => {
    known.push(secret.isKnown);
    return secret.reveal();
  });
  return {
    content: known.includes(false) ? Secret.sealed() : Secret.of(text),
    shown: render(() => SECRET_MARK),
  };
}

/**
 * The first 16 bits of the content's SHA-256: enough for a host and the engine to see that it changed, and too few to find a
 * password by. Empty where the content is not known.
 */
export function markOf({ content }: SecretFile): string {
  return content.isKnown ? createHash("sha256").update(content.reveal()).digest("hex").slice(0, 4) : "";
}
