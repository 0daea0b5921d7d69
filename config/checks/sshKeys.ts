/**
 * What can be seen of a key without using it. `ssh2` has a parser as well, but brings native parts into the product and
 * reads other files than the provider does: that is Go's `x/crypto/ssh`, and what is refused here was tried with it.
 */

/** What is wrong with a key. */
export interface KeyProblem {
  readonly problem: string;
  readonly remedy: string;
}

const HOST_KEY_TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/**
 * What is wrong with a public host key in OpenSSH's format (`ssh-ed25519 AAAA… [comment]`), or undefined.
 *
 * @param command The command that prints the right one.
 */
export function hostKeyProblem(text: string, command: string): KeyProblem | undefined {
  const words = text.trim().split(/\s+/);
  const [type = "", key = ""] = words;
  if (text.includes("\n")) return { problem: "has more than one line", remedy: "write one key" };
  if (/^SHA256:|^MD5:/.test(type)) return { problem: "is a fingerprint", remedy: "write the whole public key" };
  // For such a key the provider asks for SHA-1 signatures, which no server of today gives.
  if (words.includes("ssh-rsa")) {
    return {
      problem: "is an ssh-rsa key, with which no connection comes about (no common algorithm)",
      remedy: `write the ed25519 one; print it with: ${command}`,
    };
  }
  if (!HOST_KEY_TYPES.includes(type)) {
    const later = words.findIndex((word) => HOST_KEY_TYPES.includes(word));
    return later > 0
      ? {
          problem: "does not begin with the key's type",
          remedy: `write it without what stands before: ${words.slice(later, later + 2).join(" ")}`,
        }
      : { problem: "is not a public host key", remedy: "write one like 'ssh-ed25519 AAAA…'" };
  }
  const fields = sshFields(key);
  if (fields === undefined || fields[0]?.toString("latin1") !== type) {
    return { problem: `is damaged: what follows ${type} is not such a key`, remedy: "copy the whole line" };
  }
  if (type === "ssh-ed25519" && (fields.length !== 2 || fields[1]?.length !== 32)) {
    return { problem: "is damaged: an ed25519 key has 32 bytes", remedy: "copy the whole line" };
  }
  return undefined;
}

/**
 * What is wrong with a private key, or undefined.
 *
 * @param command The command that sets it.
 */
export function privateKeyProblem(text: string, command: string): KeyProblem | undefined {
  const key = text.trim();
  const again = `set the whole file: ${command}`;
  if (/^(ssh-|ecdsa-)/.test(key)) {
    return { problem: "is a public key", remedy: "set the private one, from the file without .pub" };
  }
  if (key.startsWith("PuTTY-User-Key-File")) {
    return { problem: "is in PuTTY's format", remedy: "convert it with: puttygen KEY.ppk -O private-openssh" };
  }
  const kind = /^-----BEGIN ([A-Z0-9 ]+ )?PRIVATE KEY-----/.exec(key);
  if (kind === null) return { problem: "is not a private key in PEM or OpenSSH format", remedy: again };
  if (!/-----END ([A-Z0-9 ]+ )?PRIVATE KEY-----$/.test(key)) {
    return { problem: "is cut off: its END line is missing", remedy: again };
  }
  if (/^[ \t]+-----(BEGIN|END) /m.test(text)) {
    return { problem: "is indented, and its first and last line must not be", remedy: again };
  }
  if (!/-----\s*\n[^]*\n-----END /.test(text)) {
    return { problem: "is on one line: its line breaks became something else", remedy: again };
  }
  if (kind[1]?.includes("ENCRYPTED") === true) {
    return {
      problem: "is encrypted in the form of PKCS #8, which is not read here",
      remedy: "convert it with 'ssh-keygen -p -f KEY', which asks for its passphrase, and set it again",
    };
  }
  return undefined;
}

/** Whether a private key has a passphrase. */
export function hasPassphrase(text: string): boolean {
  const key = text.trim();
  if (/^Proc-Type:.*ENCRYPTED/m.test(key)) return true;
  if (!key.startsWith("-----BEGIN OPENSSH")) return false;
  const body = Buffer.from(key.replaceAll(/-----[^-]+-----/g, ""), "base64");
  const magic = Buffer.from("openssh-key-v1\0");
  if (!body.subarray(0, magic.length).equals(magic) || body.length < magic.length + 4) return false;
  const length = body.readUInt32BE(magic.length);
  return body.subarray(magic.length + 4, magic.length + 4 + length).toString("latin1") !== "none";
}

/** The length-prefixed fields of a key (RFC 4253, section 6.6), or undefined when they do not add up. */
function sshFields(base64: string): Buffer[] | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const bytes = Buffer.from(base64, "base64");
  const fields: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
