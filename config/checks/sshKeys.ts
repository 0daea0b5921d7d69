const HOST_KEY_TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

/** What is wrong with a public host key in OpenSSH's format (`ssh-ed25519 AAAA… [comment]`), or undefined. */
export function hostKeyProblem(text: string): string | undefined {
  const words = text.trim().split(/\s+/);
  const [type = "", key = ""] = words;
  if (text.includes("\n")) return "has more than one line; write one key";
  if (/^SHA256:|^MD5:/.test(type)) return "is a fingerprint; write the whole public key";
  if (!HOST_KEY_TYPES.includes(type)) {
    const later = words.findIndex((word) => HOST_KEY_TYPES.includes(word));
    return later > 0
      ? `does not begin with the key's type; write it without what stands before: ${words.slice(later, later + 2).join(" ")}`
      : "is not a public host key; write one like 'ssh-ed25519 AAAA…'";
  }
  const fields = sshFields(key);
  if (fields === undefined || fields[0]?.toString("latin1") !== type) {
    return `is damaged: what follows ${type} is not such a key; copy the whole line`;
  }
  if (type === "ssh-ed25519" && (fields.length !== 2 || fields[1]?.length !== 32)) {
    return "is damaged: an ed25519 key has 32 bytes; copy the whole line";
  }
  return undefined;
}

/** What is wrong with a private key, as far as it can be seen without using it, or undefined. */
export function privateKeyProblem(text: string, hasPassphrase: boolean): string | undefined {
  const key = text.trim();
  if (/^(ssh-|ecdsa-)/.test(key)) return "is a public key; set the private one, from the file without .pub";
  if (key.startsWith("PuTTY-User-Key-File")) {
    return "is in PuTTY's format; convert it with: puttygen KEY.ppk -O private-openssh";
  }
  if (!/^-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----/.test(key)) return "is not a private key in PEM or OpenSSH format";
  if (!/-----END ([A-Z0-9]+ )*PRIVATE KEY-----$/.test(key)) {
    return "is cut off: its END line is missing; set the whole file";
  }
  if (isEncrypted(key) && !hasPassphrase) return "is encrypted; set ssh.privateKeyPassphrase too";
  return undefined;
}

function isEncrypted(key: string): boolean {
  if (key.includes("ENCRYPTED")) return true;
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
