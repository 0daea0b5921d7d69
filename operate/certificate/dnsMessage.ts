/** Numbers of DNS (RFC 1035, 2136, 8945). */
export const TYPE = { CNAME: 5, SOA: 6, TXT: 16, TSIG: 250 } as const;
export const CLASS = { IN: 1, NONE: 254, ANY: 255 } as const;
const OPCODE_UPDATE = 5;

/** A record as it stands in a message. */
export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  readonly data: Buffer;
  /** Where it begins in the message. */
  readonly at: number;
  /** Where its data begin. */
  readonly dataAt: number;
}

export interface DnsAnswer {
  readonly id: number;
  readonly rcode: number;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
}

/** A name as it is written to the wire: never compressed, and in lower case, as signatures want it. */
export function wireName(name: string): Buffer {
  const labels = name
    .toLowerCase()
    .split(".")
    .filter((label) => label !== "");
  return Buffer.concat([...labels.map((label) => text(label)), Buffer.of(0)]);
}

/** A text of up to 255 bytes with its length before it. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

function uint16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}

/** A query for the record that says whose zone a name is in, or where it leads; of the name server's own zones only. */
export function query(id: number, name: string, type: "CNAME" | "SOA"): Buffer {
  return Buffer.concat([uint16(id, 0, 1, 0, 0, 0), wireName(name), uint16(TYPE[type], CLASS.IN)]);
}

export interface TxtUpdate {
  readonly zone: string;
  readonly name: string;
  readonly value: string;
  /** `remove` takes away this very value and no other. */
  readonly action: "add" | "remove";
}

/** An update of one TXT record (RFC 2136, 2.5). */
export function txtUpdate(id: number, { zone, name, value, action }: TxtUpdate): Buffer {
  const [recordClass, seconds] = action === "add" ? [CLASS.IN, 60] : [CLASS.NONE, 0];
  const data = text(value);
  return Buffer.concat([
    uint16(id, OPCODE_UPDATE << 11, 1, 0, 1, 0),
    ...[wireName(zone), uint16(TYPE.SOA, CLASS.IN)],
    ...[wireName(name), uint16(TYPE.TXT, recordClass, 0, seconds, data.length), data],
  ]);
}

/** Reads an answer. @throws Error where it is damaged. */
export function parseAnswer(message: Buffer): DnsAnswer {
  const [id, flags, questions, ...counts] = [0, 2, 4, 6, 8, 10].map((at) => message.readUInt16BE(at));
  let at = 12;
  for (let left = questions ?? 0; left > 0; left--) at = nameAt(message, at).next + 4;
  const sections = counts.map((count) =>
    Array.from({ length: count }, () => {
      const record = recordAt(message, at);
      at = record.dataAt + record.data.length;
      return record;
    }),
  );
  const [answers = [], authorities = [], additional = []] = sections;
  return { id: id ?? 0, rcode: (flags ?? 0) & 0xf, answers, authorities, additional };
}

function recordAt(message: Buffer, at: number): DnsRecord {
  const { name, next } = nameAt(message, at);
  const length = message.readUInt16BE(next + 8);
  const dataAt = next + 10;
  if (dataAt + length > message.length) throw new Error("a record of the answer is cut off");
  return {
    name,
    type: message.readUInt16BE(next),
    class: message.readUInt16BE(next + 2),
    data: message.subarray(dataAt, dataAt + length),
    at,
    dataAt,
  };
}

/** A name, which may go on elsewhere in the message (RFC 1035, 4.1.4), and where what follows it begins. */
export function nameAt(message: Buffer, start: number): { readonly name: string; readonly next: number } {
  const labels: string[] = [];
  let at = start;
  let next: number | undefined;
  for (let jumps = 0; jumps < 64;) {
    const length = message.readUInt8(at);
    if (length === 0) return { name: labels.join("."), next: next ?? at + 1 };
    if (length >= 0xc0) {
      next ??= at + 2;
      at = message.readUInt16BE(at) & 0x3fff;
      jumps++;
    } else {
      labels.push(message.subarray(at + 1, at + 1 + length).toString("latin1"));
      at += 1 + length;
    }
  }
  throw new Error("a name of the answer has no end");
}
