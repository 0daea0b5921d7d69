import { z } from "zod";
import { addons, type ListedAddon } from "../../addons/all";
import type { Addon } from "../../addons/addon";
import type { OwnSettingsAddon } from "../../addons/ownSettings";
import { settingsShape } from "../settings";

type OwnSettings = Extract<ListedAddon, OwnSettingsAddon>;
type OwnShape = { [One in OwnSettings as One["name"]]: z.ZodOptional<One["schema"]> };

/** Settings of the add-ons that have theirs under `groundwork:addons`, by name; what is left out is not installed. */
export function ownShape(all: readonly (Addon & Partial<OwnSettingsAddon>)[]): Record<string, z.ZodType> {
  return Object.fromEntries(
    all.flatMap(({ name, schema }) =>
      schema === undefined ? [] : [[name, schema.optional().describe(schema.description ?? "")]],
    ),
  );
}

/** Everything that a stack says, one entry a key of its file (`groundwork:<key>`). */
export const settingsSchema = z.strictObject({
  ...settingsShape,
  addons: z
    .strictObject(ownShape(addons) as unknown as OwnShape)
    .prefault({})
    .describe(settingsShape.addons.description ?? ""),
});
