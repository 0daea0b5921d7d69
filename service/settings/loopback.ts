/** Addresses that only this machine reaches (RFC 1122, RFC 4291); of a URL too, where those of IPv6 stand in brackets. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host);
}
