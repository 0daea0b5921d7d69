/** Values of a Helm chart: what YAML can say. */
export type HelmValues = Record<string, unknown>;

/**
 * Values of `theirs` laid over `ours`: maps are merged at every depth, everything else (lists too) is replaced whole,
 * as Helm does with several values files. `null` stays: Helm takes it as "without the chart's own default".
 */
export function mergeValues(ours: HelmValues, theirs: HelmValues): HelmValues {
  const merged: HelmValues = { ...ours };
  for (const [key, value] of Object.entries(theirs)) {
    const old = merged[key];
    merged[key] = isMap(old) && isMap(value) ? mergeValues(old, value) : value;
  }
  return merged;
}

function isMap(value: unknown): value is HelmValues {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
