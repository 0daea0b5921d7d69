import { X509Certificate } from "node:crypto";
import { error, type Check, type Finding } from "../../config/checks/check";
import { pathText } from "../../config/problem";
import { setSecretCommand } from "../../config/schema/secretPaths";
import { authorityText, isLetsEncrypt, isPublicAuthority, wantsAccount } from "./acmeServers";
import { acmeIssuers, proofs } from "./proofs";
import { isPublicName } from "./publicNames";

/** A public authority writes to somebody. */
export const acmeEmail: Check = (settings) =>
  acmeIssuers(settings).flatMap(([name, { server, email }]) =>
    !isPublicAuthority(server) || (email ?? settings.certificates.email) !== undefined
      ? []
      : [
          error(
            pathText(["issuers", name, "email"]),
            "is missing, and so is certificates.email",
            `write the address that ${shortText(server)} sends notices to`,
          ),
        ],
  );

/** Domains of examples, whose addresses Let's Encrypt refuses (letsencrypt/boulder, policy: forbiddenMailDomains). */
const EXAMPLE_DOMAINS = ["example.com", "example.net", "example.org"];

/** Let's Encrypt takes the address that it would write to. */
export const realEmail: Check = (settings) => {
  const used = acmeIssuers(settings)
    .filter(([, { server }]) => isLetsEncrypt(server))
    .map(([name, { email }]): [path: string, email: string | undefined] =>
      email === undefined
        ? ["certificates.email", settings.certificates.email]
        : [pathText(["issuers", name, "email"]), email],
    );
  return [...new Map(used)]
    .filter(([, email]) => EXAMPLE_DOMAINS.includes(email?.split("@")[1]?.toLowerCase() ?? ""))
    .map(([path, email]) =>
      error(path, `${email} is an address of an example, which Let's Encrypt refuses`, "write one that is read"),
    );
};

/** Let's Encrypt has two directories; another address of it answers, but not as one. */
export const letsEncryptDirectory: Check = (settings) =>
  acmeIssuers(settings)
    .filter(([, { server }]) => server.startsWith("https:") && isLetsEncrypt(server))
    .filter(([, { server }]) => !/^https:\/\/acme(-staging)?-v02\.api\.letsencrypt\.org\/directory$/.test(server))
    .map(([name, { server }]) =>
      error(
        pathText(["issuers", name, "server"]),
        `${server} is not a directory of Let's Encrypt`,
        "write staging or production",
      ),
    );

/** What vouches for an ACME server are certificates. */
export const caBundle: Check = (settings) =>
  acmeIssuers(settings)
    .filter(([, { caBundle }]) => caBundle !== undefined && !isBundle(caBundle))
    .map(([name]) =>
      error(
        pathText(["issuers", name, "caBundle"]),
        "is not a certificate",
        "write the certificates in PEM, as the server's owner has them: -----BEGIN CERTIFICATE-----",
      ),
    );

/** An external account has a key id and a key, and is there where the authority asks for one. */
export const externalAccount: Check = (settings, { missingSecrets }) =>
  acmeIssuers(settings).flatMap(([name, { server, externalAccount: account }]): Finding[] => {
    if (account === undefined) {
      if (!wantsAccount(server)) return [];
      return [
        error(
          pathText(["issuers", name, "externalAccount"]),
          `is missing, and ${authorityText(server)} takes nobody without`,
          "make external account binding credentials in your account there, write their keyID here and set their key",
        ),
      ];
    }
    const path = ["issuers", name, "externalAccount", "key"];
    if (account.key === undefined) {
      const remedy = `set it with: ${setSecretCommand(path)}`;
      return [{ severity: missingSecrets, path: pathText(path), problem: "is not set, but keyID is", remedy }];
    }
    if (!account.key.isKnown || isBase64Url(account.key.reveal().trim())) return [];
    return [error(pathText(path), "is not base64url", "set the HMAC key as the authority shows it, not encoded again")];
  });

/** A zone of a public authority is at least a name below a public top-level domain: others it never answers for. */
export const zones: Check = (settings) =>
  proofs(settings)
    .filter(({ server }) => isPublicAuthority(server))
    .flatMap(({ path, server, zones, names }) => [
      ...zones.flatMap((zone, index) => publicOnly([...path, "zones", index], zone, "zone", server)),
      ...names.flatMap((name, index) => publicOnly([...path, "names", index], name, "name", server)),
    ]);

export const acmeChecks: readonly Check[] = [
  acmeEmail,
  realEmail,
  letsEncryptDirectory,
  caBundle,
  externalAccount,
  zones,
];

function publicOnly(path: readonly (string | number)[], found: string, what: string, server: string): Finding[] {
  if (isPublicName(found)) return [];
  const remedy = found.includes(".")
    ? "have a certificate authority of your own give it (type: ca)"
    : "write its whole name, e.g. home.example.org";
  return [
    error(pathText(path), `"${found}" is not a ${what} that ${shortText(server)} gives certificates for`, remedy),
  ];
}

/** `Let's Encrypt`, whichever of its services it is. */
function shortText(server: string): string {
  return isLetsEncrypt(server) ? "Let's Encrypt" : authorityText(server);
}

/** Base64 in either alphabet, padded or not; a number of letters that no bytes have is none. */
function isBase64Url(text: string): boolean {
  const plain = text.replace(/={1,2}$/, "");
  return plain !== "" && plain.length % 4 !== 1 && /^([A-Za-z0-9+/]+|[A-Za-z0-9_-]+)$/.test(plain);
}

function isBundle(text: string): boolean {
  const pems = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    return pems.length > 0 && pems.every((pem) => new X509Certificate(pem).raw.length > 0);
  } catch {
    return false;
  }
}
