/** Whether a `chart` setting names a directory or an archive on this machine and not a chart in a repository. */
export function isChartPath(chart: string): boolean {
  return !isOci(chart) && (chart.includes("/") || chart.endsWith(".tgz"));
}

/** Whether it names an OCI registry. */
export function isOci(reference: string): boolean {
  return reference.startsWith("oci://");
}
