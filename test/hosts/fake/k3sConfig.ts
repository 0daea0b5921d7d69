// k3s's settings as it reads them: from its files and from its command line.

/** A list, or a text with commas, as k3s takes both. */
export function words(value: unknown): string[] {
  return [(value as string | string[] | undefined) ?? []].flat().flatMap((one) => one.split(","));
}

/** What k3s compares before it starts (pkg/agent/run.go), and the API server (validatePublicIPServiceClusterIPRangeIPFamilies). */
export function refusedFamilies(config: Record<string, unknown>): string | undefined {
  const families = (key: string): string[] => words(config[key]).map((word) => (word.includes(":") ? "IPv6" : "IPv4"));
  // Without a setting k3s takes blocks of its own, of IPv4.
  const blocks = (key: string): string[] => (config[key] === undefined ? ["IPv4"] : families(key));
  const [pods, services, own] = [blocks("cluster-cidr"), blocks("service-cidr"), families("node-ip")];
  if (pods.join() !== services.join()) return "cluster-cidr and service-cidr must share the same IP version";
  if (pods.length > 1 && own.length < 2) return "cluster-cidr and node-ip must share the same IP version";
  const [advertised] = [...families("node-external-ip"), ...own];
  return advertised === undefined || advertised === services[0]
    ? undefined
    : "service IP family must match public address family";
}

/** `--key value`, `--key=value` and `--key`; a key that comes again adds to its list. */
export function argumentsOf(words: readonly string[]): Record<string, unknown> {
  const found = new Map<string, unknown[]>();
  for (let at = 0; at < words.length; at++) {
    const [, key = "", value] = /^--?([^=]+)(?:=(.*))?$/.exec(words[at]!) ?? [];
    const next = words[at + 1];
    const given = value ?? (next !== undefined && !next.startsWith("-") ? words[(at += 1)] : true);
    found.set(key, [...(found.get(key) ?? []), given]);
  }
  return Object.fromEntries([...found].map(([key, values]) => [key, values.length === 1 ? values[0] : values]));
}
