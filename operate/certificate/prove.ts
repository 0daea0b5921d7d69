import { randomBytes } from "node:crypto";
import { hostPort } from "../../config/addresses";
import { error, ok } from "../doctor/finding";
import type { Finding } from "../finding";
import type { TxtUpdate } from "./dnsMessage";
import { aliasOf, update, zoneOf, type Dial, type UpdateAnswer } from "./dnsUpdate";
import type { Proof } from "./proofs";

export interface ProveOptions {
  readonly dial: Dial;
  /** From where it is dialled, for messages: `this machine`, or a node's name. */
  readonly from: string;
  /** Seconds since 1970, of this machine. */
  readonly now: () => number;
  /** Where a CNAME leads that the name server itself does not know; undefined where there is none. */
  readonly aliasElsewhere: (name: string) => Promise<string | undefined>;
}

/**
 * Proves a key for each of its domains: writes a TXT record by it, and takes it away again. The name server first says which zone
 * the domain is in.
 */
export async function prove(proof: Proof, options: ProveOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const domain of proof.domains) {
    try {
      findings.push(...(await proveDomain(proof, domain, options)));
    } catch (cause) {
      // Not reached for one domain is not reached for any.
      return [...findings, unreached(proof, cause, options.from)];
    }
  }
  return findings;
}

/** A CNAME may lead to another one; cert-manager follows them to the end. */
const MOST_ALIASES = 8;

/** The name that the proof of a domain is written to. */
async function challengeOf({ isDelegated }: Proof, domain: string, options: ProveOptions): Promise<string> {
  const { dial, aliasElsewhere } = options;
  let name = `_acme-challenge.${domain}`;
  for (let left = isDelegated ? MOST_ALIASES : 0; left > 0; left--) {
    const own = await aliasOf(dial, name);
    const next = own ?? ((await zoneOf(dial, name)) === undefined ? await aliasElsewhere(name) : undefined);
    if (next === undefined) break;
    name = next;
  }
  return name;
}

async function proveDomain(proof: Proof, domain: string, options: ProveOptions): Promise<Finding[]> {
  const { key } = proof;
  const { dial, now } = options;
  const challenge = await challengeOf(proof, domain, options);
  const within = challenge.replace(/^_acme-challenge\./, "");
  const zone = (await zoneOf(dial, within)) ?? within;
  const mark = randomBytes(6).toString("hex");
  // Where the key may change the challenges' names only, that is what counts.
  const names = [`_groundwork-prove-${mark}.${zone}`, challenge];
  for (const name of names) {
    const change: TxtUpdate = { zone, name, value: `groundwork-prove-${mark}`, action: "add" };
    const added = await update(dial, change, key, now());
    if (added.rcode === "REFUSED" && added.tsig?.error === undefined && name !== names.at(-1)) continue;
    const refused = judge(proof, { domain, zone, name }, added, now());
    if (refused !== undefined) return [refused];
    return [await remove({ ...change, action: "remove" }, domain, proof, { dial, now })];
  }
  return [];
}

async function remove(
  change: TxtUpdate,
  domain: string,
  proof: Proof,
  { dial, now }: Pick<ProveOptions, "dial" | "now">,
): Promise<Finding> {
  const { key, algorithm } = proof;
  const said = await update(dial, change, key, now()).catch((cause: unknown) => ({ rcode: messageOf(cause) }));
  if (said.rcode === "NOERROR") {
    const with_ = `by key ${key.name} (${algorithm}) at ${hostPort(proof.host, proof.port)}`;
    return ok("update", domain, `${change.name} was written and taken away ${with_}`);
  }
  return error(
    "update",
    domain,
    `${change.name} was written and not taken away: ${said.rcode}`,
    `remove it by hand (TXT ${change.value}), and let the key delete as well: cert-manager does`,
  );
}

interface Where {
  readonly domain: string;
  readonly zone: string;
  readonly name: string;
}

/** What an answer means; undefined where the update was taken. */
function judge(
  proof: Proof,
  { domain, zone, name }: Where,
  { rcode, tsig }: UpdateAnswer,
  now: number,
): Finding | undefined {
  const { key, algorithm, isTwiceEncoded } = proof;
  const server = hostPort(proof.host, proof.port);
  const bad = (message: string, remedy: string): Finding => error("update", domain, message, remedy);
  switch (tsig?.error ?? "") {
    case "":
      break;
    case "BADKEY":
      return bad(
        `${server} does not know key '${key.name}' with ${algorithm} (BADKEY)`,
        "compare tsigKeyName and tsigAlgorithm with the name server's configuration: both must be the same",
      );
    case "BADSIG":
      return bad(
        `${server} knows key '${key.name}', and its secret is another one (BADSIG)`,
        isTwiceEncoded
          ? "tsigSecret looks like base64 of a base64 text: set it as the name server shows it"
          : "set tsigSecret as the name server shows it, behind 'secret' in its configuration",
      );
    case "BADTIME": {
      const off = tsig?.serverTime === undefined ? "" : ` by ${String(Math.abs(tsig.serverTime - now))} s`;
      return bad(
        `the clocks of ${server} and of this machine differ${off} (BADTIME)`,
        "set both by NTP: 300 s are allowed",
      );
    }
    default:
      return bad(`${server} refuses the signature (${tsig?.error ?? ""})`, "compare the key's algorithm on both sides");
  }
  if (rcode === "NOERROR" && tsig?.isValid === true) return undefined;
  if (rcode === "NOERROR") {
    const how = tsig === undefined ? "without a signature" : "with a signature that is not by this key";
    return bad(`${server} answers ${how}, so that it is not known who answered`, "see whether a proxy stands between");
  }
  switch (rcode) {
    case "REFUSED":
      return bad(
        `${server} knows the key and does not let it change ${name} (REFUSED)`,
        "let its update-policy (BIND) or acl (Knot) grant TXT at _acme-challenge of the names; where it grants single names only, prove one: --name www.example.org",
      );
    case "NOTAUTH":
      return bad(
        `${server} is not the primary of zone ${zone} (NOTAUTH)`,
        "set nameserver to the zone's primary, and see how the zone is written",
      );
    case "NOTZONE":
      return bad(`${name} is not in zone ${zone} (NOTZONE)`, "see how the zone is written");
    case "NOTIMP":
      return bad(`${server} takes no updates at all (NOTIMP)`, "allow dynamic updates of the zone on it");
    default:
      return bad(`${server} answers ${rcode}`, "its log says why");
  }
}

function unreached({ host, port }: Proof, cause: unknown, from: string): Finding {
  const reason = messageOf(cause);
  const remedy =
    from === "this machine"
      ? "where only the nodes reach it: --from NODE; otherwise check address, port (TCP) and firewall"
      : "check its address and port (TCP), and that its firewall lets the node in";
  return error("reach", hostPort(host, port), `not reached from ${from}: ${reason}`, remedy);
}

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code = "", message } = cause as NodeJS.ErrnoException;
  return message === "" ? code : message;
}
