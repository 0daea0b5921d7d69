import type { Secret } from "../../config/secret";
import { LONG_SECONDS, secondsOf } from "./durations";
import type { IssuedSettings } from "./settings/issued";
import type { Value } from "../resources";

/** Name of the Secret that holds the passwords of a certificate's keystores. */
export function keystoresSecret(name: string): string {
  return `${name}-keystores`;
}

/** The passwords of a certificate's keystores, by the kind of keystore; those that are not set yet, too. */
export function keystorePasswords({ keystores }: IssuedSettings): (readonly [kind: string, Secret | undefined])[] {
  const { pkcs12, jks } = keystores;
  return [
    ...(pkcs12 === undefined ? [] : [["pkcs12", pkcs12.password] as const]),
    ...(jks === undefined ? [] : [["jks", jks.password] as const]),
  ];
}

/** Name of the Secret that cert-manager keeps a certificate in. */
export function secretNameOf(name: string, { secretName }: IssuedSettings): string {
  return secretName ?? name;
}

/** Spec of a Certificate. https://cert-manager.io/docs/usage/certificate/ */
export function certificateSpec(name: string, settings: IssuedSettings): Value {
  const { names, ipAddresses, uris, commonName, duration, usages, privateKey } = settings;
  const { algorithm, encoding, rotationPolicy } = privateKey;
  return {
    secretName: secretNameOf(name, settings),
    issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: settings.issuer },
    ...(commonName === undefined ? {} : { commonName }),
    ...(names.length > 0 ? { dnsNames: names } : {}),
    ...(ipAddresses.length > 0 ? { ipAddresses } : {}),
    ...(uris.length > 0 ? { uris } : {}),
    duration,
    ...renewalOf(settings),
    privateKey: { algorithm, size: keySizeOf(settings), encoding, rotationPolicy },
    usages,
    ...keystoresOf(name, settings),
  };
}

/** Size of a certificate's key in bits. */
export function keySizeOf({ privateKey }: Pick<IssuedSettings, "privateKey">): number {
  return privateKey.size ?? (privateKey.algorithm === "RSA" ? 4096 : 256);
}

/** A certificate in a few words for people: `*.example.org by letsencrypt, in the Secret apps/wildcard`. */
export function certificateSummary(name: string, settings: IssuedSettings): string {
  const { names, ipAddresses, uris, commonName, namespace, issuer } = settings;
  const all = [...names, ...ipAddresses, ...uris];
  const what = all.length === 0 ? (commonName ?? "") : all.join(", ");
  return `${what} by ${issuer}, in the Secret ${namespace}/${secretNameOf(name, settings)}, renewed ${renewalText(settings)}`;
}

/** One of the two, or neither: cert-manager then renews when a third of the life is left. */
function renewalOf({ duration, renewBefore, renewBeforePercentage }: IssuedSettings): Record<string, Value> {
  if (renewBeforePercentage !== undefined) return { renewBeforePercentage };
  if (renewBefore !== undefined) return { renewBefore };
  return secondsOf(duration) < LONG_SECONDS ? {} : { renewBefore: "360h" };
}

function renewalText(settings: IssuedSettings): string {
  const { renewBefore, renewBeforePercentage } = renewalOf(settings);
  if (typeof renewBefore === "string") return `${renewBefore} before its end`;
  return typeof renewBeforePercentage === "number"
    ? `when ${renewBeforePercentage} % of its life are left`
    : "when a third of its life is left";
}

function keystoresOf(name: string, { keystores }: IssuedSettings): Record<string, Value> {
  const { pkcs12, jks } = keystores;
  const ref = (key: string): Value => ({ name: keystoresSecret(name), key });
  const given = {
    ...(pkcs12 === undefined
      ? {}
      : { pkcs12: { create: true, profile: pkcs12.profile, passwordSecretRef: ref("pkcs12") } }),
    ...(jks === undefined ? {} : { jks: { create: true, alias: jks.alias, passwordSecretRef: ref("jks") } }),
  };
  return Object.keys(given).length === 0 ? {} : { keystores: given };
}
