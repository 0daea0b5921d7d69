/** Directories of Let's Encrypt. https://letsencrypt.org/docs/acme-protocol-updates/ */
const LETS_ENCRYPT: Readonly<Record<string, string>> = {
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
  production: "https://acme-v02.api.letsencrypt.org/directory",
};

/** Domains of authorities that browsers trust; what they may give is ruled by the CA/Browser Forum. */
const PUBLIC = [
  "letsencrypt.org",
  "zerossl.com",
  "pki.goog",
  "buypass.com",
  "ssl.com",
  "sectigo.com",
  "digicert.com",
  "globalsign.com",
  "actalis.com",
];

/** Of these the ones that take nobody without an external account binding, by their own documentation. */
const BY_ACCOUNT = ["zerossl.com", "pki.goog", "ssl.com", "sectigo.com", "digicert.com"];

/** The directory of an ACME server as a stack names it. */
export function directoryOf(server: string): string {
  return LETS_ENCRYPT[server] ?? server;
}

export function isLetsEncrypt(server: string): boolean {
  return isOf(["letsencrypt.org"], server);
}

/** Whether browsers trust the authority, so that it gives certificates for public names only. */
export function isPublicAuthority(server: string): boolean {
  return isOf(PUBLIC, server);
}

export function wantsAccount(server: string): boolean {
  return isOf(BY_ACCOUNT, server);
}

/** An authority for people: `Let's Encrypt staging`, `acme.zerossl.com`. */
export function authorityText(server: string): string {
  return Object.hasOwn(LETS_ENCRYPT, server) ? `Let's Encrypt ${server}` : hostOf(server);
}

function isOf(domains: readonly string[], server: string): boolean {
  const host = hostOf(directoryOf(server));
  return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
