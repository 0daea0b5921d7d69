import type { z } from "zod";
import type { CheckOptions, Finding } from "../config/checks/check";
import type { Settings } from "../config/settings";
import type { Addon } from "./addon";
import type { DesiredGroup } from "./resources";

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

/** What such an add-on says of itself. */
export interface AddonParts<Name extends string, Schema extends z.ZodObject>
  extends
    Pick<OwnSettingsAddon<Name, Schema>, "name" | "schema" | "example">,
    Omit<Addon, "name" | "path" | "installedBy" | "isInstalled" | "decide" | "checks" | "summary"> {
  readonly decide: (own: z.output<Schema>, settings: Settings) => DesiredGroup;
  /** They run where it is installed. */
  readonly checks?: readonly OwnCheck<z.output<Schema>>[];
  readonly summary?: { readonly label: string; readonly text: (own: z.output<Schema>, named: string) => string };
}

/** Looks at an add-on's own settings, and how they fit to the rest of the stack. Pure. */
export type OwnCheck<Own> = (own: Own, settings: Settings, options: CheckOptions) => readonly Finding[];

/** An add-on that is installed where a stack names it under `groundwork:addons`. */
export function addon<const Name extends string, Schema extends z.ZodObject>(
  parts: AddonParts<Name, Schema>,
): OwnSettingsAddon<Name, Schema> {
  const { decide, checks = [], summary, ...rest } = parts;
  type Own = z.output<Schema>;
  // config/read/schema.ts has read them by this very schema.
  const ownOf = (settings: Settings): Own | undefined => settings.addons[parts.name] as Own | undefined;
  const from = <T>(settings: Settings, use: (own: Own) => T, otherwise: T): T => {
    const own = ownOf(settings);
    return own === undefined ? otherwise : use(own);
  };
  return {
    ...rest,
    path: `addons.${parts.name}`,
    isInstalled: (settings) => ownOf(settings) !== undefined,
    decide: (settings) => ({
      addon: from<DesiredGroup | undefined>(settings, (own) => decide(own, settings), undefined),
    }),
    checks: checks.map(
      (check): NonNullable<Addon["checks"]>[number] =>
        (settings, options) =>
          from<readonly Finding[]>(settings, (own) => check(own, settings, options), []),
    ),
    summary: summary && {
      label: summary.label,
      text: (settings, named) => from(settings, (own) => summary.text(own, named), ""),
    },
  };
}
