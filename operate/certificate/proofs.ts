import { resourcesOf, type DesiredGroup, type DesiredObject, type Value } from "../../addons/resources";
import { GroundworkError } from "../../config/groundworkError";
import { hostAndPort } from "../../config/schema/scalars";
import { Secret } from "../../config/secret";
import { isTsigAlgorithm, type TsigKey } from "./tsig";

/** What is to be proven at one name server. */
export interface Proof {
  readonly host: string;
  readonly port: number;
  readonly key: TsigKey;
  /** `HMACSHA512` */
  readonly algorithm: string;
  /** Whether the secret looks like base64 of base64. */
  readonly isTwiceEncoded: boolean;
  /** Zones and names that the solver answers for. */
  readonly domains: readonly string[];
  /** Whether the proof is written to where a CNAME of `_acme-challenge` leads. */
  readonly isDelegated: boolean;
}

type Plain = Readonly<Record<string, Value>>;

/**
 * What of an issuer can be proven: its solvers by RFC 2136 with their keys, as `up` gives them to cert-manager. Pure.
 *
 * @param names Domains to prove, in place of those that the issuer names.
 * @throws GroundworkError where there is nothing to prove, or a key is not whole.
 */
export function proofsOf(groups: readonly DesiredGroup[], issuer: string, names: readonly string[]): readonly Proof[] {
  const objects = resourcesOf(groups).filter((each) => each.is === "object");
  const issuers = objects.filter(({ kind }) => kind === "ClusterIssuer" || kind === "Issuer");
  const dynamic = issuers.filter((each) => solversOf(each).length > 0).map(({ fields }) => nameIn(fields));
  const remedy =
    dynamic.length === 0 ? "the stack has none with a solver by RFC 2136" : `there are: ${dynamic.join(", ")}`;
  const found = issuers.find(({ fields }) => nameIn(fields) === issuer);
  if (found === undefined) throw new GroundworkError("usage", `the stack has no issuer '${issuer}'`, { remedy });
  const solvers = solversOf(found);
  if (solvers.length === 0) {
    throw new GroundworkError("usage", `issuer '${issuer}' has no solver by RFC 2136, so there is no key to prove`, {
      remedy,
    });
  }
  const proofs = solvers.map((solver) => proofOf(objects, solver, names));
  if (proofs.some(({ domains }) => domains.length > 0)) return proofs.filter(({ domains }) => domains.length > 0);
  throw new GroundworkError("usage", `issuer '${issuer}' answers for all zones`, {
    remedy: "name one that is to be proven: --name www.example.org",
  });
}

function solversOf({ fields }: DesiredObject): Plain[] {
  const solvers = at(fields, "spec", "acme", "solvers");
  if (!Array.isArray(solvers)) return [];
  return (solvers as Value[]).filter((solver) => at(solver, "dns01", "rfc2136") !== undefined) as Plain[];
}

function proofOf(objects: readonly DesiredObject[], solver: Plain, names: readonly string[]): Proof {
  const given = at(solver, "dns01", "rfc2136");
  const nameserver = textOf(at(given, "nameserver"));
  const address = hostAndPort(nameserver);
  if (address === undefined) throw new GroundworkError("failed", `nameserver: '${nameserver}' is no address`);
  const algorithm = textOf(at(given, "tsigAlgorithm"));
  if (!isTsigAlgorithm(algorithm)) throw new GroundworkError("failed", `tsigAlgorithm: '${algorithm}' is not known`);
  const secret = secretOf(objects, at(given, "tsigSecretSecretRef"));
  const selected = ["dnsZones", "dnsNames"].flatMap((list) => (at(solver, "selector", list) ?? []) as string[]);
  return {
    host: address.host,
    port: address.port ?? DNS_PORT,
    key: { name: textOf(at(given, "tsigKeyName")), algorithm, secret },
    algorithm,
    isTwiceEncoded: BASE64.test(secret.toString("latin1").trim()),
    domains: (names.length > 0 ? names : selected).map((domain) => domain.replace(/^\*\./, "")),
    isDelegated: at(solver, "dns01", "cnameStrategy") === "Follow",
  };
}

const DNS_PORT = 53;
const BASE64 = /^(?:[A-Za-z\d+/]{4}){4,}(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** The key's bytes, from the Secret that the solver names. @throws GroundworkError where it is not the stack's, or no base64. */
function secretOf(objects: readonly DesiredObject[], reference: Value): Buffer {
  const name = textOf(at(reference, "name"));
  const found = objects.find(({ kind, fields }) => kind === "Secret" && nameIn(fields) === name);
  const value = at(found?.fields, "stringData", textOf(at(reference, "key")));
  const text = (
    value instanceof Secret && value.isKnown ? value.reveal() : typeof value === "string" ? value : ""
  ).trim();
  if (text === "") {
    throw new GroundworkError("failed", `the TSIG key is not the stack's: Secret ${name} is made elsewhere`, {
      remedy: "only keys that the stack file holds can be proven from here",
    });
  }
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64").replace(/=*$/, "") === text.replace(/\s/g, "").replace(/=*$/, "")) return bytes;
  throw new GroundworkError("failed", `the TSIG key in ${name} is no base64 text`, {
    remedy: "set it as the name server shows it, behind 'secret' in its configuration",
  });
}

function at(value: Value, ...keys: readonly string[]): Value {
  return keys.reduce<Value>(
    (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Plain)[key] : undefined),
    value,
  );
}

function nameIn(fields: DesiredObject["fields"]): string {
  return textOf(at(fields, "metadata", "name"));
}

function textOf(value: Value): string {
  return typeof value === "string" ? value : "";
}
