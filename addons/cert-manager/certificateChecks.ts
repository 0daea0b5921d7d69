import { originOf } from "../../config/origin";
import { error, warning, type Check, type Finding } from "../../config/checks/check";
import { pathText } from "../../config/problem";
import { setSecretCommand } from "../../config/schema/secretPaths";
import type { AddonCheck } from "../addon";
import { isLetsEncrypt } from "./acmeServers";
import { keySizeOf, keystorePasswords, keystoresSecret, secretNameOf } from "./certificateObjects";
import { secondsOf } from "./durations";
import { issuedOf, pathOf } from "./issued";
import { isAcme, issuersOf } from "./proofs";
import { provenNameChecks } from "./provenNames";

/** Namespaces that every cluster has. */
const EVERYWHERE = ["default", "kube-system", "kube-public"];

/** Certificates are cert-manager's. */
const certManagerThere: Check = ({ certificates }) =>
  Object.keys(certificates.issued).length > 0 && !certificates.certManager
    ? [
        error(
          "certificates.issued",
          "needs cert-manager, which is not installed",
          "write certificates.certManager: true",
        ),
      ]
    : [];

/** A certificate is for something. */
const subjects: Check = (settings) =>
  issuedOf(settings)
    .filter(
      ([, { names, ipAddresses, uris, commonName }]) =>
        [...names, ...ipAddresses, ...uris, commonName ?? ""].join("") === "",
    )
    .map(([name]) =>
      error(pathOf(name, "names"), "is empty", "write what the certificate is for, e.g. [www.example.org]"),
    );

/** A certificate's issuer is one of the stack. */
const issuerThere: Check = (settings) =>
  issuedOf(settings)
    .filter(([, { issuer }]) => !Object.hasOwn(settings.issuers, issuer))
    .map(([name, { issuer }]) => {
      const there = Object.keys(settings.issuers).sort();
      const remedy = there.length === 0 ? "write it under groundwork:issuers" : `write one of ${there.join(", ")}`;
      return error(pathOf(name, "issuer"), `"${issuer}" is no issuer of this stack`, remedy);
    });

/** A namespace is there before a certificate goes into it. */
const namespaceThere: AddonCheck = (settings, _options, all) => {
  const made = all.filter((addon) => addon.isInstalled(settings, all)).flatMap(({ namespace }) => namespace ?? []);
  const known = new Set([...EVERYWHERE, ...made, ...Object.keys(settings.namespaces)]);
  const { manifests, secretManifests } = settings.k3s;
  const others = originOf(settings) === "existing" || Object.keys({ ...manifests, ...secretManifests }).length > 0;
  return issuedOf(settings)
    .filter(([, { namespace }]) => !known.has(namespace))
    .map(([name, { namespace }]) =>
      (others ? warning : error)(
        pathOf(name, "namespace"),
        `'${namespace}' is no namespace of this stack`,
        others ? "see to it that it is there" : `write '${namespace}: {}' under groundwork:namespaces`,
      ),
    );
};

/** A certificate is renewed while it lives (cert-manager's own validation: an hour, five minutes). */
const lifetimes: Check = (settings) =>
  issuedOf(settings).flatMap(([name, { duration, renewBefore, renewBeforePercentage }]): Finding[] => {
    const lives = secondsOf(duration);
    const before = renewBefore === undefined ? undefined : secondsOf(renewBefore);
    if (lives < 3600) return [error(pathOf(name, "duration"), `${duration} is too short`, "write at least 1h")];
    if (before !== undefined && renewBeforePercentage !== undefined) {
      return [error(pathOf(name, "renewBefore"), "is given beside renewBeforePercentage", "take one of the two out")];
    }
    if (before !== undefined && before < 300) {
      return [error(pathOf(name, "renewBefore"), `${renewBefore ?? ""} is too short`, "write at least 5m")];
    }
    if (before !== undefined && before >= lives) {
      const problem = `${renewBefore ?? ""} is not shorter than the certificate's life of ${duration}`;
      return [error(pathOf(name, "renewBefore"), problem, "write a shorter one, or a longer duration")];
    }
    if (renewBeforePercentage !== undefined && (lives * renewBeforePercentage) / 100 < 300) {
      const problem = `${renewBeforePercentage} % of ${duration} are less than 5m`;
      return [error(pathOf(name, "renewBeforePercentage"), problem, "write more, or a longer duration")];
    }
    return [];
  });

/** Sizes of keys that cert-manager makes and that the authority takes. */
const keySizes: Check = (settings) =>
  issuedOf(settings).flatMap(([name, certificate]): Finding[] => {
    const { algorithm } = certificate.privateKey;
    const size = keySizeOf(certificate);
    const at = pathOf(name, "privateKey", "size");
    const made = algorithm === "RSA" ? size >= 2048 && size <= 8192 : [256, 384, 521].includes(size);
    if (!made) {
      const remedy = algorithm === "RSA" ? "write 2048 to 8192" : "write 256, 384 or 521";
      return [error(at, `${size} is no size of a key for ${algorithm}`, remedy)];
    }
    const issuer = settings.issuers[certificate.issuer];
    if (issuer === undefined || !isAcme(issuer) || !isLetsEncrypt(issuer.server)) return [];
    // letsencrypt/boulder, goodkey: RSA of 2048, 3072 and 4096 bits, P-256 and P-384.
    const taken = algorithm === "RSA" ? [2048, 3072, 4096] : [256, 384];
    if (taken.includes(size)) return [];
    return [error(at, `${size} is a size that Let's Encrypt refuses`, `write one of ${taken.join(", ")}`)];
  });

/** A certificate that signs itself has the name of its issuer, which RFC 5280 wants not to be empty. */
const selfSignedName: Check = (settings) =>
  issuedOf(settings)
    .filter(
      ([, { issuer, commonName }]) => settings.issuers[issuer]?.type === "self-signed" && commonName === undefined,
    )
    .map(([name]) =>
      warning(
        pathOf(name, "commonName"),
        "is not given, so that the self-signed certificate has an issuer without a name, which some programs refuse",
        "write one, e.g. the first of names",
      ),
    );

/** A keystore has a password. */
const passwords: Check = (settings, { missingSecrets }) =>
  issuedOf(settings).flatMap(([name, certificate]) =>
    keystorePasswords(certificate).flatMap(([kind, password]): Finding[] => {
      const path = ["certificates", "issued", name, "keystores", kind, "password"];
      const remedy = `set it with: ${setSecretCommand(path)}`;
      if (password === undefined) {
        return [{ severity: missingSecrets, path: pathText(path), problem: "is not set", remedy }];
      }
      if (!password.isKnown || password.reveal() !== "") return [];
      return [error(pathText(path), "is empty", remedy)];
    }),
  );

/** Each Secret has one writer, and each certificate a name of its own in the state. */
const secretNames: Check = (settings) => {
  const own = issuersOf(settings, "ca").map(([name]) => `${name}-ca`);
  const taken = new Map<string, string>();
  return issuedOf(settings).flatMap(([name, certificate]): Finding[] => {
    if (own.includes(name)) {
      const problem = "is the name of an issuer's own certificate";
      return [error(pathOf(name), problem, "give the certificate another name")];
    }
    const { namespace } = certificate;
    return [
      secretNameOf(name, certificate),
      ...(keystorePasswords(certificate).length > 0 ? [keystoresSecret(name)] : []),
    ].flatMap((secret): Finding[] => {
      const first = taken.get(`${namespace}/${secret}`);
      taken.set(`${namespace}/${secret}`, first ?? name);
      if (first === undefined) return [];
      const problem = `the Secret ${namespace}/${secret} is that of certificate '${first}' already`;
      return [error(pathOf(name, "secretName"), problem, "write another secretName")];
    });
  });
};

export const certificateChecks: readonly AddonCheck[] = [
  certManagerThere,
  subjects,
  issuerThere,
  namespaceThere,
  ...provenNameChecks,
  lifetimes,
  keySizes,
  selfSignedName,
  passwords,
  secretNames,
];
