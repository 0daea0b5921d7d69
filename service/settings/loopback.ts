/** Addresses that only this machine reaches (RFC 1122, RFC 4291). */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
