/** Top-level domains that nobody on the internet can own (RFC 6761, RFC 6762, RFC 9476, ICANN's .internal), and common private ones. */
const PRIVATE = [
  ...["local", "internal", "localhost", "test", "example", "invalid", "alt", "onion", "home.arpa"],
  ...["lan", "home", "corp", "intranet", "private", "localdomain"],
];

/** Whether an authority that browsers trust can give a certificate for a name, or for names in a zone. */
export function isPublicName(name: string): boolean {
  const plain = name.toLowerCase().replace(/^\*\./, "");
  return plain.includes(".") && !PRIVATE.some((top) => plain === top || plain.endsWith(`.${top}`));
}
