import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { GroundworkError } from "../groundworkError";

/** Iterations of PBKDF2 in Pulumi's passphrase secrets provider (sdk/go/common/resource/config/crypt.go). */
const ITERATIONS = 1_000_000;
const TAG_BYTES = 16;

/**
 * Encrypts and decrypts values as Pulumi's passphrase provider does (AES-256-GCM under a key from PBKDF2-SHA256), so
 * that a stack's secrets are opened without the CLI, and the lab writes a complete stack file without it.
 */
export interface StackCipher {
  /** Text for `encryptionsalt` of the stack's file. */
  readonly salt: string;
  readonly encrypt: (text: string) => string;
  /** Undefined when the value was not encrypted under this passphrase. */
  readonly decrypt: (value: string) => string | undefined;
}

/**
 * @param salt The `encryptionsalt` of an existing stack file; a new one is made when there is none.
 * @throws GroundworkError when the passphrase is not the one of the salt.
 */
export function stackCipher(passphrase: string, salt?: string): StackCipher {
  const given = salt === undefined ? undefined : /^v1:([^:]+):(v1:.+)$/.exec(salt);
  if (salt !== undefined && given === null) {
    throw new GroundworkError("failed", "the stack's encryptionsalt is not one of a passphrase");
  }
  const bytes = given?.[1] === undefined ? randomBytes(8) : Buffer.from(given[1], "base64");
  const key = pbkdf2Sync(passphrase, bytes, ITERATIONS, 32, "sha256");
  const proof = given?.[2];
  if (proof !== undefined && decryptWith(key, proof) !== "pulumi") {
    throw new GroundworkError("failed", "the passphrase is not the one that the stack's file was made with");
  }
  return {
    salt: salt ?? `v1:${bytes.toString("base64")}:${encryptWith(key, "pulumi")}`,
    encrypt: (text) => encryptWith(key, text),
    decrypt: (value) => decryptWith(key, value),
  };
}

function encryptWith(key: Buffer, text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function decryptWith(key: Buffer, value: string): string | undefined {
  const [version, nonce = "", sealed = ""] = value.split(":");
  if (version !== "v1") return undefined;
  try {
    const bytes = Buffer.from(sealed, "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
