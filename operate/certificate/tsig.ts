import { createHmac, timingSafeEqual } from "node:crypto";
import { CLASS, nameAt, parseAnswer, TYPE, wireName, type DnsRecord } from "./dnsMessage";

/** A key that two machines share to sign what they say to each other (RFC 8945). */
export interface TsigKey {
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Buffer;
}

/** As cert-manager names them, with the name in DNS and the one of Node. */
const ALGORITHMS = {
  HMACMD5: ["hmac-md5.sig-alg.reg.int", "md5"],
  HMACSHA1: ["hmac-sha1", "sha1"],
  HMACSHA224: ["hmac-sha224", "sha224"],
  HMACSHA256: ["hmac-sha256", "sha256"],
  HMACSHA384: ["hmac-sha384", "sha384"],
  HMACSHA512: ["hmac-sha512", "sha512"],
} as const;

export type TsigAlgorithm = keyof typeof ALGORITHMS;

export function isTsigAlgorithm(name: string): name is TsigAlgorithm {
  return Object.hasOwn(ALGORITHMS, name);
}

/** Seconds that two clocks may differ. */
const FUDGE = 300;

/** A message with its signature, and the signature alone, which the answer's is about as well. */
export interface SignedMessage {
  readonly message: Buffer;
  readonly mac: Buffer;
}

/** Signs a message that has no signature yet. @param now Seconds since 1970. */
export function sign(message: Buffer, key: TsigKey, now: number): SignedMessage {
  const [algorithm, hash] = ALGORITHMS[key.algorithm];
  const variables = variablesOf(wireName(key.name), wireName(algorithm), {
    time: now,
    fudge: FUDGE,
    error: 0,
    other: EMPTY,
  });
  const mac = createHmac(hash, key.secret).update(message).update(variables).digest();
  const data = Buffer.concat([
    ...[wireName(algorithm), uint48(now), uint16(FUDGE, mac.length), mac],
    ...[message.subarray(0, 2), uint16(0, 0)],
  ]);
  const head = Buffer.concat([wireName(key.name), uint16(TYPE.TSIG, CLASS.ANY, 0, 0, data.length)]);
  const signed = Buffer.concat([message, head, data]);
  signed.writeUInt16BE(message.readUInt16BE(10) + 1, 10);
  return { message: signed, mac };
}

/** What the signature of an answer says. */
export interface TsigAnswer {
  /** TSIG's own error: `BADSIG`, `BADKEY`, `BADTIME`, `BADTRUNC`; undefined where it has none. */
  readonly error: string | undefined;
  /** The server's clock, where it says that ours is off; seconds since 1970. */
  readonly serverTime: number | undefined;
  /** Whether the one who answered has the same key. */
  readonly isValid: boolean;
}

const ERRORS: Readonly<Record<number, string>> = { 16: "BADSIG", 17: "BADKEY", 18: "BADTIME", 22: "BADTRUNC" };

/** Looks at the signature of an answer; undefined where it has none. @throws Error where it is damaged. */
export function verify(answer: Buffer, key: TsigKey, requestMac: Buffer): TsigAnswer | undefined {
  const record = parseAnswer(answer).additional.at(-1);
  if (record?.type !== TYPE.TSIG) return undefined;
  const { next } = nameAt(answer, record.dataAt);
  const at = next - record.dataAt;
  const { data } = record;
  const macLength = data.readUInt16BE(at + 8);
  const mac = data.subarray(at + 10, at + 10 + macLength);
  const rest = at + 10 + macLength;
  const code = data.readUInt16BE(rest + 2);
  const other = data.subarray(rest + 6, rest + 6 + data.readUInt16BE(rest + 4));
  const signature = { time: data.readUIntBE(at, 6), fudge: data.readUInt16BE(at + 6), error: code, other };
  return {
    error: code === 0 ? undefined : (ERRORS[code] ?? `TSIG error ${String(code)}`),
    serverTime: other.length === 6 ? other.readUIntBE(0, 6) : undefined,
    isValid: isSignedBy(answer, record, {
      key,
      requestMac,
      mac,
      algorithm: nameAt(answer, record.dataAt).name,
      signature,
    }),
  };
}

interface Signature {
  readonly time: number;
  readonly fudge: number;
  readonly error: number;
  readonly other: Buffer;
}

interface Signed {
  readonly key: TsigKey;
  readonly requestMac: Buffer;
  readonly mac: Buffer;
  readonly algorithm: string;
  readonly signature: Signature;
}

function isSignedBy(
  answer: Buffer,
  record: DnsRecord,
  { key, requestMac, mac, algorithm, signature }: Signed,
): boolean {
  const [own, hash] = ALGORITHMS[key.algorithm];
  if (algorithm.toLowerCase() !== own || record.name.toLowerCase() !== plain(key.name)) return false;
  const unsigned = Buffer.from(answer.subarray(0, record.at));
  unsigned.writeUInt16BE(unsigned.readUInt16BE(10) - 1, 10);
  const expected = createHmac(hash, key.secret)
    .update(Buffer.concat([uint16(requestMac.length), requestMac, unsigned]))
    .update(variablesOf(wireName(key.name), wireName(algorithm), signature))
    .digest();
  return mac.length === expected.length && timingSafeEqual(mac, expected);
}

/** What is signed beside the message (RFC 8945, 4.3.3). */
function variablesOf(name: Buffer, algorithm: Buffer, { time, fudge, error, other }: Signature): Buffer {
  return Buffer.concat([
    ...[name, uint16(CLASS.ANY, 0, 0), algorithm],
    ...[uint48(time), uint16(fudge, error, other.length), other],
  ]);
}

const EMPTY = Buffer.alloc(0);

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function uint16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}

function uint48(value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(value, 0, 6);
  return bytes;
}
