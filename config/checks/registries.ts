import { pathText } from "../problem";
import type { Settings } from "../settings";
import { error, warning, type Check, type Finding } from "./check";

type Registries = NonNullable<Settings["k3s"]["registries"]>;
type Access = NonNullable<Registries["configs"]>[string];

/** A mirror is an URL: k3s leaves one out that it cannot read, and images come from somewhere else. */
export const mirrorEndpoints: Check = ({ k3s }) =>
  Object.entries(k3s.registries?.mirrors ?? {}).flatMap(([name, { endpoint }]) =>
    endpoint.flatMap((text, index): Finding[] => {
      const at = pathText(["k3s", "registries", "mirrors", name, "endpoint", index]);
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url === undefined || !/^https?:$/.test(url.protocol) || url.host === "") {
        return [error(at, `${text} is not a URL`, `write it with its scheme, e.g. https://mirror.example.org:5000`)];
      }
      if (url.username !== "" || url.password !== "") {
        return [
          error(
            at,
            "has a user or a password in it, for everybody to read",
            "make new ones, and set them as secrets under k3s.registries.configs",
          ),
        ];
      }
      const access = accessTo(k3s.registries ?? {}, url.host);
      return url.protocol === "http:" && access?.auth !== undefined
        ? [warning(at, "is not encrypted, and nodes send their credentials there", "write https://")]
        : [];
    }),
  );

/** Halves of what only works as a whole. */
export const wholeAccess: Check = ({ k3s }) =>
  Object.entries(k3s.registries?.configs ?? {}).flatMap(([name, { auth, tls }]) => {
    const at = (...rest: string[]): string => pathText(["k3s", "registries", "configs", name, ...rest]);
    const half = (group: string, has: string, lacks: string): Finding =>
      error(at(group, lacks), `is missing, and ${has} alone does not log in`, `set it, or take ${has} out`);
    return [
      ...(auth?.username !== undefined && auth.password === undefined ? [half("auth", "username", "password")] : []),
      ...(auth?.password !== undefined && auth.username === undefined ? [half("auth", "password", "username")] : []),
      ...(tls?.cert_file !== undefined && tls.key_file === undefined ? [half("tls", "cert_file", "key_file")] : []),
      ...(tls?.key_file !== undefined && tls.cert_file === undefined ? [half("tls", "key_file", "cert_file")] : []),
      ...(["ca_file", "cert_file", "key_file"] as const).flatMap((key) => {
        const path = tls?.[key];
        return path === undefined || path.startsWith("/")
          ? []
          : [
              error(
                at("tls", key),
                `${path} is not a path on the nodes`,
                "write it from the root on, e.g. /etc/ssl/registry.crt",
              ),
            ];
      }),
    ];
  });

/** k3s reads one file; with another one named, ours would count for nothing. */
export const oneFile: Check = ({ k3s, nodes }) => {
  if (k3s.registries === undefined) return [];
  const groups: [string, Record<string, unknown>][] = [
    ["k3s.server", k3s.server],
    ["k3s.agent", k3s.agent],
    ...nodes.map((node, index): [string, Record<string, unknown>] => [`nodes[${index}].k3s`, node.k3s]),
  ];
  return groups
    .filter(([, values]) => values["private-registry"] !== undefined)
    .map(([path]) =>
      error(`${path}.private-registry`, "names another file than k3s.registries writes", "remove one of the two"),
    );
};

export const registriesChecks: readonly Check[] = [mirrorEndpoints, wholeAccess, oneFile];

function accessTo({ configs = {} }: Registries, host: string): Access | undefined {
  return configs[host] ?? configs["*"];
}
