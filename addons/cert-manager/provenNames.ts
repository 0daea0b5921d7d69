import { isPublicAddress } from "../../config/addresses";
import { error, type Check, type Finding } from "../../config/checks/check";
import { authorityText, isLetsEncrypt, isPublicAuthority } from "./acmeServers";
import { issuedOf, pathOf } from "./issued";
import { isAcme, isFor, proofsOf } from "./proofs";
import { isPublicName } from "./publicNames";
import type { AcmeSettings } from "./settings";
import type { IssuedSettings } from "./settings/issued";

/** Every name is one that the issuer can prove, and that its authority gives certificates for. */
const provenNames: Check = (settings) =>
  issuedOf(settings).flatMap(([name, certificate]): Finding[] => {
    const issuer = settings.issuers[certificate.issuer];
    if (issuer === undefined || !isAcme(issuer)) return [];
    return certificate.names.flatMap((each, index) => {
      const at = pathOf(name, "names", index);
      if (isPublicAuthority(issuer.server) && !isPublicName(each)) {
        return [
          error(
            at,
            `"${each}" is not a name that ${authorityText(issuer.server)} can give certificates for: nobody on the internet owns it`,
            "take an issuer of type ca, or a name of your own domain",
          ),
        ];
      }
      return unproven(at, each, certificate, issuer);
    });
  });

function unproven(at: string, name: string, { issuer, labels }: IssuedSettings, settings: AcmeSettings): Finding[] {
  const fitting = proofsOf(issuer, settings).filter((proof) => isFor(proof, name, labels));
  if (fitting.length === 0) {
    const remedy = "add its zone to a solver of the issuer, or take another issuer";
    return [error(at, `"${name}" is covered by no solver of issuer '${issuer}'`, remedy)];
  }
  if (!name.startsWith("*.") || fitting.some(({ by }) => by === "dns01")) return [];
  return [
    error(
      at,
      `"${name}" is a wildcard, and issuer '${issuer}' proves it by HTTP-01 only`,
      "take an issuer that proves by DNS-01, or write the names one by one",
    ),
  ];
}

/** An address is proven by HTTP-01; Let's Encrypt certifies public ones, for six days (letsencrypt.org/docs/profiles). */
const provenAddresses: Check = (settings) =>
  issuedOf(settings).flatMap(([name, certificate]): Finding[] => {
    const issuer = settings.issuers[certificate.issuer];
    if (issuer === undefined || !isAcme(issuer)) return [];
    return certificate.ipAddresses.flatMap((address, index) => {
      const at = pathOf(name, "ipAddresses", index);
      const found = addressProblem(address, certificate, issuer);
      return found === undefined ? [] : [error(at, ...found)];
    });
  });

function addressProblem(
  address: string,
  { issuer, labels }: IssuedSettings,
  settings: AcmeSettings,
): [problem: string, remedy: string] | undefined {
  const { server, profile } = settings;
  const authority = authorityText(server);
  if (isPublicAuthority(server) && !isPublicAddress(address)) {
    const problem = `${address} is not an address that ${authority} can give certificates for: nobody on the internet owns it`;
    return [problem, "take an issuer of type ca"];
  }
  if (isLetsEncrypt(server) && profile !== "shortlived") {
    const problem = `${authority} gives certificates for addresses in its profile shortlived only`;
    return [problem, `write profile: shortlived in issuer '${issuer}', or take an issuer of type ca`];
  }
  if (proofsOf(issuer, settings).some((proof) => proof.by === "http01" && isFor(proof, address, labels))) {
    return undefined;
  }
  return [`${address} is covered by no HTTP-01 solver of issuer '${issuer}'`, "add one, or take an issuer of type ca"];
}

/** What an ACME order has no place for (cert-manager: pkg/controller/certificaterequests/acme). */
const acmeContents: Check = (settings) =>
  issuedOf(settings).flatMap(([name, { issuer: by, uris, commonName, names, ipAddresses }]): Finding[] => {
    const issuer = settings.issuers[by];
    if (issuer === undefined || !isAcme(issuer)) return [];
    const isNamed = commonName === undefined || [...names, ...ipAddresses].includes(commonName);
    return [
      ...(uris.length === 0
        ? []
        : [error(pathOf(name, "uris"), "can be proven to no ACME authority", "take an issuer of type ca")]),
      ...(isNamed
        ? []
        : [
            error(
              pathOf(name, "commonName"),
              `"${commonName}" is none of the certificate's names, which no ACME authority takes`,
              "write one of names, or leave it out",
            ),
          ]),
    ];
  });

export const provenNameChecks: readonly Check[] = [provenNames, provenAddresses, acmeContents];
