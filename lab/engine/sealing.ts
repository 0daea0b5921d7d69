import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";

/** Encrypts and decrypts texts with AES-256-GCM; a text that was tampered with, or another key's, does not open. */
export interface Seal {
  readonly close: (text: string) => string;
  readonly open: (sealed: string) => string;
}

/**
 * A seal whose key is derived from a passphrase by scrypt.
 * @param salt random, kept beside the sealed texts; 16 bytes in base64
 */
export function sealOf(passphrase: string, salt: string): Seal {
  const key = keyOf(passphrase, salt);
  return {
    close: (text) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 });
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
    },
  };
}

/** Deriving a key is slow by intention; one process needs each only once. */
const keys = new Map<string, Buffer>();

function keyOf(passphrase: string, salt: string): Buffer {
  const known = keys.get(`${salt} ${passphrase}`);
  if (known !== undefined) return known;
  const key = scryptSync(passphrase, Buffer.from(salt, "base64"), 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
  keys.set(`${salt} ${passphrase}`, key);
  return key;
}

export function newSalt(): string {
  return randomBytes(16).toString("base64");
}
