import { Secret } from "../../config/secret";
import type { CredentialSettings } from "./settings/credentials";

/** Name of the Secret that holds credentials; every solver that names them reads it. */
export function credentialsSecret(name: string): string {
  return `${name}-credentials`;
}

/** Key in the Secret that holds a TSIG key. */
export const TSIG_KEY = "tsig-secret";

/** One secret of credentials: the setting that it stands in, and its key in their Secret. */
export interface CredentialEntry {
  /** Path below the credentials: `["apiToken"]`. */
  readonly setting: readonly string[];
  readonly key: string;
  readonly value: Secret | undefined;
}

/** What is secret about credentials. Those of type `other` have as many as they like. */
export function secretsOf(credentials: CredentialSettings): readonly CredentialEntry[] {
  switch (credentials.type) {
    case "rfc2136":
      return [{ setting: ["tsigSecret"], key: TSIG_KEY, value: credentials.tsigSecret }];
    case "cloudflare":
      return [{ setting: ["apiToken"], key: "api-token", value: credentials.apiToken }];
    case "route53":
      return [{ setting: ["secretAccessKey"], key: "secret-access-key", value: credentials.secretAccessKey }];
    case "digitalocean":
      return [{ setting: ["token"], key: "access-token", value: credentials.token }];
    case "azureDNS":
      return [{ setting: ["clientSecret"], key: "client-secret", value: credentials.clientSecret }];
    case "cloudDNS":
      return [{ setting: ["serviceAccount"], key: "key.json", value: credentials.serviceAccount }];
    case "acmeDNS":
      return [{ setting: ["accounts"], key: "acmedns.json", value: credentials.accounts }];
    case "other":
      return Object.entries(credentials.values).map(([key, value]) => ({ setting: ["values", key], key, value }));
  }
}

/** The entries of the Secret as they are to be; what is not set yet shows as a secret in a plan. */
export function secretData(credentials: CredentialSettings): Record<string, Secret> {
  return Object.fromEntries(secretsOf(credentials).map(({ key, value }) => [key, value ?? Secret.sealed()]));
}

/** How an object of cert-manager points at the one secret of credentials. */
export function secretRef(name: string, credentials: CredentialSettings): { name: string; key: string } {
  const [entry] = secretsOf(credentials);
  return { name: credentialsSecret(name), key: entry?.key ?? "" };
}
