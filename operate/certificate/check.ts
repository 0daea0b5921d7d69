import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { error, ok, warning } from "../doctor/finding";
import type { Finding } from "../finding";
import type { Endpoint } from "./endpoint";

/** Let's Encrypt's certificates are renewed 30 days before their end: at 21 something has failed for a while. */
const WARN_DAYS = 21;
const DAY_MS = 86_400_000;

/** What is right and wrong with what a TLS server shows. Pure. */
export function checkEndpoint(endpoint: Endpoint, now: Date): Finding[] {
  const [own] = endpoint.sent;
  if (own === undefined) return [error("chain", undefined, "it shows no certificate", "give the server one")];
  return [
    checkName(own, endpoint.serverName),
    ...endpoint.sent.map((each, index) => checkDates(each, index === 0, now)),
    ...checkChain(endpoint.sent),
    checkTrust(endpoint, own),
    checkProtocol(endpoint),
    ...endpoint.sent.map((each) => checkKey(each)),
    checkStapling(endpoint, own),
  ];
}

/** Certificates that servers show where they have none for the name. */
const DEFAULTS: readonly (readonly [RegExp, string])[] = [
  [/CN=Kubernetes Ingress Controller Fake Certificate/, "ingress-nginx's own"],
  [/CN=TRAEFIK DEFAULT CERT/, "Traefik's own"],
  [/CN=cert-manager\.local/, "cert-manager's for the time until the real one is there"],
];

function checkName(own: X509Certificate, name: string): Finding {
  const fits = isIP(name) > 0 ? own.checkIP(name) : own.checkHost(name);
  if (fits !== undefined) return ok("name", undefined, `the certificate is for ${name}`);
  const standIn = DEFAULTS.find(([subject]) => subject.test(textOf(own.subject)));
  if (standIn !== undefined) {
    return error(
      "name",
      undefined,
      `the server has no certificate for ${name}, and shows a default one (${standIn[1]})`,
      "the Ingress lacks this name under 'tls', or its Secret is not there yet: groundwork certificate why",
    );
  }
  const names = namesOf(own);
  return error(
    "name",
    undefined,
    `the certificate is not for ${name}, but for ${names.length === 0 ? "no name" : names.join(", ")}`,
    "add the name to the Certificate's dnsNames, or to the Ingress under 'tls'; or another server answers",
  );
}

/** Names and addresses that a certificate is for. */
export function namesOf({ subjectAltName = "" }: X509Certificate): string[] {
  return subjectAltName.split(", ").flatMap((each) => /^(?:DNS|IP Address):(.+)$/.exec(each)?.[1] ?? []);
}

function checkDates(certificate: X509Certificate, isOwn: boolean, now: Date): Finding {
  const from = new Date(certificate.validFrom);
  const until = new Date(certificate.validTo);
  const days = Math.floor((until.getTime() - now.getTime()) / DAY_MS);
  const whose = isOwn ? "it" : titleOf(certificate);
  const end = until.toISOString().slice(0, 10);
  const remedy = isOwn
    ? "groundwork certificate why; a server that was not reloaded may show the old one"
    : "a new certificate brings the authority's new one with it";
  if (now < from) {
    return error("expiry", undefined, `${whose} is valid only from ${from.toISOString()} on`, "check the clocks");
  }
  if (now > until) return error("expiry", undefined, `${whose} has ended on ${end}`, remedy);
  if (days < WARN_DAYS) return warning("expiry", undefined, `${whose} ends on ${end}, in ${String(days)} days`, remedy);
  return ok("expiry", undefined, `${whose} is valid until ${end}, ${String(days)} days`);
}

function checkChain(sent: readonly X509Certificate[]): Finding[] {
  const broken = sent.flatMap((each, index) => {
    const signer = sent[index + 1] ?? (isSelfSigned(each) ? each : undefined);
    if (signer === undefined || each.verify(signer.publicKey)) return [];
    const [name, by] = [titleOf(each), titleOf(signer)];
    return [
      error(
        "chain",
        undefined,
        `the signature of ${name} is not by the key of ${by}`,
        "the chain was put together wrongly",
      ),
    ];
  });
  if (broken.length > 0) return broken;
  return [ok("chain", undefined, sent.map(titleOf).join(" ← "))];
}

function checkTrust({ distrust, sent }: Endpoint, own: X509Certificate): Finding {
  const top = sent.at(-1) ?? own;
  switch (distrust) {
    case undefined:
      return ok("trust", undefined, "a trusted authority has signed it");
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return error("trust", undefined, "it cannot be trusted out of its time", "see expiry");
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
      return error(
        "trust",
        undefined,
        "it is signed by itself and by nobody else",
        "see which issuer its Certificate names",
      );
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return error(
        "trust",
        undefined,
        `it leads to ${titleOf(top)}, which this machine does not trust`,
        "an internal authority: give its certificate with --ca, and to those who are to trust it",
      );
    default: {
      const issuer = textOf(top.issuer);
      const by = issuer === "" ? "an authority without a name" : commonName(issuer);
      if (issuer.includes("(STAGING)")) {
        return error(
          "trust",
          undefined,
          `it is of Let's Encrypt's staging (${by})`,
          "use an issuer with server: production",
        );
      }
      return error(
        "trust",
        undefined,
        `it is signed by ${by}, whose certificate the server does not send and this machine does not know`,
        "an intermediate one belongs into tls.crt below the server's own; an internal authority is given with --ca",
      );
    }
  }
}

function checkProtocol({ protocol, cipher }: Endpoint): Finding {
  if (["TLSv1.3", "TLSv1.2"].includes(protocol)) return ok("protocol", undefined, `${protocol}, ${cipher}`);
  return error(
    "protocol",
    undefined,
    `it speaks ${protocol} at best, which no browser takes`,
    "allow TLS 1.2 and 1.3 on the server",
  );
}

/** What is asked of public certificates for years (CA/Browser Forum, 6.1.5 and 7.1.3.2). */
function checkKey(certificate: X509Certificate): Finding {
  const name = titleOf(certificate);
  const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails: details = {} } = certificate.publicKey;
  const { modulusLength, namedCurve } = details;
  const key = modulusLength === undefined ? (namedCurve ?? type) : `${type.toUpperCase()} ${String(modulusLength)}`;
  if (modulusLength !== undefined && modulusLength < 2048) {
    return error("key", undefined, `${name} has a key of ${key}, which is too short`, "privateKey.size: 2048 or more");
  }
  const weak = isSelfSigned(certificate) ? undefined : weakHash(certificate);
  if (weak !== undefined) {
    return error("key", undefined, `${name} is signed with ${weak}`, "the authority has to use SHA-256");
  }
  return ok("key", undefined, `${name} has a key of ${key}`);
}

/** Object identifiers of signatures that nobody accepts any more, as they stand in DER. */
const WEAK = { "06092a864886f70d010104": "MD5", "06092a864886f70d010105": "SHA-1", "06072a8648ce3d0401": "SHA-1" };

/** The first algorithm in a certificate is the one it is signed with (RFC 5280, 4.1.2.3); what is before it is short. */
function weakHash({ raw }: X509Certificate): string | undefined {
  const start = raw.subarray(0, 64).toString("hex");
  return Object.entries(WEAK).find(([identifier]) => start.includes(identifier))?.[1];
}

function checkStapling({ stapled }: Endpoint, own: X509Certificate): Finding {
  if (stapled > 0) return ok("stapling", undefined, `an OCSP answer of ${String(stapled)} bytes is stapled`);
  // X509Certificate.infoAccess is undefined where the extension is not there.
  if (!(own.infoAccess ?? "").includes("OCSP - URI:")) {
    return ok("stapling", undefined, "its authority has no OCSP responder, so there is nothing to staple");
  }
  return warning(
    "stapling",
    undefined,
    "its authority has an OCSP responder, and the server staples no answer",
    "ingress-nginx: enable-ocsp in the controller's config, and a way from the pods to the responder",
  );
}

function isSelfSigned({ subject, issuer }: X509Certificate): boolean {
  return subject === issuer;
}

/** What a certificate is called: by its subject, or by its first name, for certificates of today often have no subject. */
function titleOf(certificate: X509Certificate): string {
  const subject = textOf(certificate.subject);
  return subject === "" ? (namesOf(certificate)[0] ?? "a certificate without a name") : commonName(subject);
}

/** Node's types have a text for subject and issuer; an empty one is undefined. */
function textOf(name: string | undefined): string {
  return name ?? "";
}

/** `web.example.org` of a subject of several lines; all of it where it has no common name. */
function commonName(subject: string): string {
  return /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll("\n", ", ");
}
