import { error, type Check } from "../config/checks/check";
import { pathText } from "../config/problem";
import { isGroup } from "../config/schema/secretPaths";
import type { Addon } from "./addon";

type Values = Readonly<Record<string, unknown>>;

/** What a setting decides is not said otherwise in a chart's values: everything else would still go by the setting. */
export function decidedBySettings({ path, decidedValues = {}, isInstalled }: Addon, all: readonly Addon[]): Check {
  const place = path.split(".");
  return (settings) =>
    (isInstalled(settings, all) ? Object.entries(decidedValues) : []).flatMap(([value, setting]) => {
      const own = valueAt(settings, place) as Values | undefined;
      const found = own === undefined ? undefined : valueAt(own["values"] as Values, value.split("."));
      if (own === undefined || found === undefined || found === own[setting]) return [];
      return [
        error(
          pathText([...place, "values", ...value.split(".")]),
          `${JSON.stringify(found)} is not what ${pathText([...place, setting])} says (${JSON.stringify(own[setting])})`,
          `write it there and leave it out of values`,
        ),
      ];
    });
}

/** A value by its path; undefined where there is none. */
export function valueAt(values: Values, path: readonly string[]): unknown {
  return path.reduce<unknown>((group, key) => (isGroup(group) ? group[key] : undefined), values);
}
