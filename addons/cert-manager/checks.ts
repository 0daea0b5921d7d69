import { createPrivateKey, X509Certificate } from "node:crypto";
import { addressAndPort, hostPort, isLoopback } from "../../config/addresses";
import { originOf } from "../../config/origin";
import { pathText } from "../../config/problem";
import { setSecretCommand } from "../../config/schema/secretPaths";
import { error, type Check, type Finding } from "../../config/checks/check";
import type { Secret } from "../../config/secret";
import type { AddonCheck } from "../addon";
import { acmeChecks } from "./acmeChecks";
import { certificateChecks } from "./certificateChecks";
import { credentialChecks } from "./credentialChecks";
import { issuersOf } from "./proofs";
import { solverChecks } from "./solverChecks";

/** Issuers are cert-manager's. */
export const certManagerThere: Check = ({ issuers, certificates }) =>
  Object.keys(issuers).length > 0 && !certificates.certManager
    ? [error("issuers", "are objects of cert-manager, which is not installed", "write certificates.certManager: true")]
    : [];

/** A certificate authority that is brought along has both halves. */
export const caPair: Check = (settings, { missingSecrets }) =>
  issuersOf(settings, "ca").flatMap(([name, { certificate, privateKey }]): Finding[] => {
    const keyPath = ["issuers", name, "privateKey"];
    const certificatePath = pathText(["issuers", name, "certificate"]);
    if (certificate === undefined && privateKey !== undefined) {
      return [
        error(
          certificatePath,
          "is missing, but privateKey is set",
          "write the authority's certificate (PEM), or remove the key to have an authority made",
        ),
      ];
    }
    if (certificate === undefined) return [];
    const authority = certificateOf(certificate);
    if (authority === undefined) {
      return [error(certificatePath, "is not a certificate", "write it in PEM: -----BEGIN CERTIFICATE-----")];
    }
    if (!authority.ca) {
      return [error(certificatePath, "is not an authority's certificate", "bring one that may sign others (CA:TRUE)")];
    }
    if (privateKey !== undefined) return keyProblem(keyPath, privateKey, authority);
    return [
      {
        severity: missingSecrets,
        path: pathText(keyPath),
        problem: "is not set, but certificate is",
        remedy: `set it with: ${setSecretCommand(keyPath)}`,
      },
    ];
  });

/** An authority made in the cluster has a self-signed issuer beside it, under a name of its own. */
export const helperNames: Check = (settings) =>
  issuersOf(settings, "ca")
    .map(([name]) => [name, `${name}-selfsigned`] as const)
    .filter(([, helper]) => Object.hasOwn(settings.issuers, helper))
    .map(([name, helper]) =>
      error(
        pathText(["issuers", helper]),
        `is the name of a helper of issuer '${name}'`,
        "give the issuer another name",
      ),
    );

/** cert-manager refuses a resolver without a port. */
export const selfCheckResolvers: Check = ({ certificates }) =>
  certificates.dns01Nameservers.flatMap((text, index) => {
    const path = `certificates.dns01Nameservers[${index}]`;
    if (text.startsWith("https://")) return [];
    const plain = addressAndPort(text);
    if (plain !== undefined && isLoopback(plain.address)) {
      return [
        error(
          path,
          `${text} is a loopback address: in a pod it is the pod itself`,
          "write a resolver that answers for the world, e.g. 1.1.1.1:53",
        ),
      ];
    }
    if (plain !== undefined && plain.port === undefined) {
      return [error(path, `${text} has no port`, `write ${hostPort(plain.address, 53)}`)];
    }
    return /^(\[[^\]]+\]|[^:\s]+):\d{1,5}$/.test(text)
      ? []
      : [error(path, `"${text}" is not a resolver`, "write its address and port, e.g. 8.8.8.8:53")];
  });

/** The certificate of an authority that is made in the cluster is read on the first server. */
export const rootOutput: Check = (settings) =>
  issuersOf(settings, "ca")
    .filter(([, each]) => each.rootOutput && each.certificate === undefined && originOf(settings) !== "machines")
    .map(([name]) =>
      error(
        pathText(["issuers", name, "rootOutput"]),
        "has no effect in a cluster without machines of the stack's own",
        "remove it, and take the command in the output authorities",
      ),
    );

export const certManagerChecks: readonly AddonCheck[] = [
  selfCheckResolvers,
  helperNames,
  certManagerThere,
  ...acmeChecks,
  ...credentialChecks,
  ...solverChecks,
  caPair,
  rootOutput,
  ...certificateChecks,
];

function certificateOf(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined; // not PEM
  }
}

/** Whether a key that is known here is the one of the certificate. */
function keyProblem(path: readonly string[], key: Secret, certificate: X509Certificate): Finding[] {
  if (!key.isKnown) return [];
  const remedy = `set the key that the certificate was made with: ${setSecretCommand(path)}`;
  try {
    if (certificate.checkPrivateKey(createPrivateKey(key.reveal()))) return [];
    return [error(pathText(path), "is not the key of the certificate", remedy)];
  } catch {
    return [error(pathText(path), "is not a private key in PEM without a passphrase", remedy)];
  }
}
