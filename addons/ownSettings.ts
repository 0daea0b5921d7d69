import type { z } from "zod";
import type { CheckOptions, Finding } from "../config/checks/check";
import type { Settings } from "../config/settings";
import type { Entry, EntryHost } from "./entry";
import type { Addon, AddonCheck } from "./addon";
import type { DesiredGroup } from "./resources";
import type { AddonClass } from "./storageClass";

/** An add-on whose settings stand under `groundwork:addons`, by its name. The older ones have places of their own. */
export interface OwnSettingsAddon<
  Name extends string = string,
  Schema extends z.ZodObject = z.ZodObject,
> extends Addon {
  readonly name: Name;
  readonly schema: Schema;
  /** Its settings in the reference's example, as YAML. */
  readonly example: string;
}

/** What such an add-on says of itself, by its own settings. */
export interface AddonParts<Name extends string, Schema extends z.ZodObject>
  extends
    Pick<OwnSettingsAddon<Name, Schema>, "name" | "schema" | "example">,
    Omit<Addon, "name" | "path" | "installedBy" | "isInstalled" | ByOwnSettings> {
  readonly decide: (own: z.output<Schema>, settings: Settings) => DesiredGroup;
  /** They run where it is installed. */
  readonly checks?: readonly OwnCheck<z.output<Schema>>[];
  readonly storageClass?: (own: z.output<Schema>) => AddonClass;
  readonly answersAt?: (own: z.output<Schema>, hosts: readonly EntryHost[] | undefined) => Entry;
  readonly summary?: { readonly label: string; readonly text: (own: z.output<Schema>, named: string) => string };
}

type ByOwnSettings = "decide" | "checks" | "storageClass" | "answersAt" | "summary";

/** Looks at an add-on's own settings, and how they fit to the rest of the stack. Pure. */
export type OwnCheck<Own> = (own: Own, settings: Settings, options: CheckOptions) => readonly Finding[];

/** An add-on that is installed where a stack names it under `groundwork:addons`. */
export function addon<const Name extends string, Schema extends z.ZodObject>(
  parts: AddonParts<Name, Schema>,
): OwnSettingsAddon<Name, Schema> {
  const { decide, checks = [], storageClass, answersAt, summary, ...rest } = parts;
  // config/read/schema.ts has read them by this very schema.
  const ownOf = (settings: Settings): z.output<Schema> | undefined =>
    settings.addons[parts.name] as z.output<Schema> | undefined;
  /** What is asked of an installed add-on only. */
  const given = (settings: Settings): z.output<Schema> => {
    const own = ownOf(settings);
    if (own === undefined) throw new Error(`the add-on ${parts.name} is not installed`);
    return own;
  };
  return {
    ...rest,
    path: `addons.${parts.name}`,
    isInstalled: (settings) => ownOf(settings) !== undefined,
    decide: (settings) => {
      const own = ownOf(settings);
      return { addon: own === undefined ? undefined : decide(own, settings) };
    },
    checks: checks.map((check): AddonCheck => (settings, options) => {
      const own = ownOf(settings);
      return own === undefined ? [] : check(own, settings, options);
    }),
    storageClass:
      storageClass &&
      ((settings) => {
        const own = ownOf(settings);
        return own === undefined ? undefined : storageClass(own);
      }),
    answersAt: answersAt && ((settings, hosts) => answersAt(given(settings), hosts)),
    summary: summary && {
      label: summary.label,
      text: (settings, named) => summary.text(given(settings), named),
    },
  };
}
