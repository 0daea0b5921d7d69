import type { Settings } from "./settings";

export type ReleaseSettings = Settings["releases"][string];

/** The namespace of a release. */
export function namespaceOf(name: string, { namespace }: Pick<ReleaseSettings, "namespace">): string {
  return namespace ?? name;
}

/**
 * The keys on the way to a value, as `helm --set` writes them: `auth.password`, a dot within a key as `\.`.
 *
 * @returns undefined where it is no such way: an empty key, or an entry of a list, which only `values` can hold.
 */
export function valuePath(text: string): string[] | undefined {
  const keys = (text.match(/(?:\\.|[^.\\])+|\.(?=\.|$)|^\./g) ?? []).map((key) => key.replaceAll(/\\(.)/g, "$1"));
  return keys.length === 0 || keys.some((key) => key === "." || /[[\]{},=]/.test(key)) ? undefined : keys;
}
