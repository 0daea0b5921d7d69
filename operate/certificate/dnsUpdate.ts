import { randomInt } from "node:crypto";
import type { Duplex } from "node:stream";
import { nameAt, parseAnswer, query, TYPE, txtUpdate, type TxtUpdate } from "./dnsMessage";
import { sign, verify, type TsigAnswer, type TsigKey } from "./tsig";

/** Opens a stream to the name server, over TCP. */
export type Dial = () => Promise<Duplex>;

/** What a name server said to an update. */
export interface UpdateAnswer {
  /** `NOERROR`, `REFUSED`, `NOTAUTH`… */
  readonly rcode: string;
  /** What the answer's signature says; undefined where it has none. */
  readonly tsig: TsigAnswer | undefined;
}

const RCODES = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
];
const ANSWER_MS = 10_000;

/**
 * Sends one update, signed.
 *
 * @param now Seconds since 1970.
 * @throws Error when the name server is not reached, or its answer cannot be read.
 */
export async function update(dial: Dial, change: TxtUpdate, key: TsigKey, now: number): Promise<UpdateAnswer> {
  const { message, mac } = sign(txtUpdate(randomInt(0x10000), change), key, now);
  const answer = await ask(dial, message);
  const { rcode } = parseAnswer(answer);
  return { rcode: RCODES[rcode] ?? `RCODE ${String(rcode)}`, tsig: verify(answer, key, mac) };
}

/** The zone that a name is in, as the name server itself says; undefined where it does not. @throws Error as {@link update}. */
export async function zoneOf(dial: Dial, name: string): Promise<string | undefined> {
  const { answers, authorities } = parseAnswer(await ask(dial, query(randomInt(0x10000), name, "SOA")));
  return [...answers, ...authorities].find(({ type }) => type === TYPE.SOA)?.name;
}

/** Where a name's CNAME leads, as the name server itself says; undefined where it knows of none. @throws Error as {@link update}. */
export async function aliasOf(dial: Dial, name: string): Promise<string | undefined> {
  const message = await ask(dial, query(randomInt(0x10000), name, "CNAME"));
  const found = parseAnswer(message).answers.find(({ type }) => type === TYPE.CNAME);
  return found === undefined ? undefined : nameAt(message, found.dataAt).name;
}

async function ask(dial: Dial, message: Buffer): Promise<Buffer> {
  const stream = await dial();
  try {
    return await exchange(stream, message);
  } finally {
    stream.destroy();
  }
}

/** Over TCP each message has its length before it (RFC 1035, 4.2.2). */
function exchange(stream: Duplex, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${String(ANSWER_MS / 1000)} s`)), ANSWER_MS);
    const settled = (): void => clearTimeout(timer);
    let received = Buffer.alloc(0);
    stream.on("data", (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      settled();
      const answer = received.subarray(2, 2 + received.readUInt16BE(0));
      if (answer.length >= 12 && answer.readUInt16BE(0) === message.readUInt16BE(0)) resolve(answer);
      else reject(new Error("what answers is no name server"));
    });
    stream.on("error", (error) => (settled(), reject(error)));
    stream.on("close", () => (settled(), reject(new Error("it ends the connection without an answer"))));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length, 0);
    stream.write(Buffer.concat([length, message]));
  });
}
