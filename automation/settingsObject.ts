import type { z } from "zod";
import type { Problem } from "../config/problem";
import { Secret } from "../config/secret";
import { isGroup } from "../config/schema/secretPaths";
import type { settingsSchema } from "../config/read/schema";
import { measureIn } from "../config/read/measure";
import { mapSecrets } from "../config/read/secrets";
import type { SettingsSource } from "../config/read/source";

/**
 * A stack's settings as an object: what a stack's file has under `groundwork:`, one entry a key. Secrets are plain text
 * here; they go from this object into the program, and never through a file, an argument or the environment.
 * docs/configuration.md lists every setting with its default; only `nodes` and `ssh.privateKey` must be there.
 *
 * @example
 * ```ts
 * {
 *   nodes: [{ name: "atlas", role: "server", address: "192.168.10.11", hostKey: "ssh-ed25519 AAAA…" }],
 *   ssh: { privateKey },
 *   ingress: { controller: "ingress-nginx", kind: "DaemonSet", hostPorts: true, serviceType: "ClusterIP" },
 *   k3s: { disable: ["traefik"] },
 * }
 * ```
 */
export type SettingsObject = WithPlainSecrets<z.input<typeof settingsSchema>>;

type WithPlainSecrets<T> = T extends Secret
  ? Secret | string
  : T extends readonly (infer Item)[]
    ? readonly WithPlainSecrets<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: WithPlainSecrets<T[Key]> }
      : T;

/** The settings that were given, out of the caller's reach, with every secret as a `Secret`. */
export function ownCopy(settings: unknown): Readonly<Record<string, unknown>> {
  const copy = copyOf(settings);
  if (!isGroup(copy)) return {};
  return mapSecrets(copy, (value) => (typeof value === "string" ? Secret.of(value) : value));
}

/** An object as a source of settings. */
export function objectSource(raw: Readonly<Record<string, unknown>>, warn: (warning: Problem) => void): SettingsSource {
  // The engine works in another directory than this process.
  const measure = measureIn(".", "absolute");
  return { raw, problems: [], missingSecrets: "error", measure, now: new Date(), warn };
}

/** The texts of all secrets in the settings. */
export function secretTexts(raw: Readonly<Record<string, unknown>>): string[] {
  const texts: string[] = [];
  mapSecrets(raw, (value) => {
    if (value instanceof Secret && value.isKnown) texts.push(value.reveal());
    return value;
  });
  return texts;
}

function copyOf(value: unknown): unknown {
  if (value instanceof Secret) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, copyOf(inner)]),
  );
}
