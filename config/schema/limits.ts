/** What people write who need what cannot be had, and the way round. */
const LIMITS: readonly {
  readonly at: (path: readonly (string | number)[]) => boolean;
  readonly keys: readonly string[];
  readonly remedy: string;
}[] = [
  {
    at: ([first, second, , ...rest]) => first === "ssh" && second === "bastions" && rest.length === 0,
    keys: ["bastion", "proxy", "proxyjump", "jump", "jumphost", "through", "via"],
    remedy:
      "@pulumi/command goes through one bastion and no more. Keep 'ssh -N -L 2222:INNER:22 OUTER' running, and give the inner one address: 127.0.0.1, port: 2222 and its own hostKey",
  },
];

/** The way round, where a key asks for something that no setting can give. */
export function limitAt(path: readonly (string | number)[], key: string): string | undefined {
  const plain = key.toLowerCase().replaceAll(/[-_]/g, "");
  return LIMITS.find(({ at, keys }) => at(path) && keys.includes(plain))?.remedy;
}
