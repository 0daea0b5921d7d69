import type { ChartDefaults } from "./chartSource";

/** The chart of an add-on at the version that is installed unless a stack says otherwise, and what is known of its versions. */
export interface PinnedChart extends ChartDefaults {
  /** A version that no entry speaks of is not judged. The first entry that fits counts. */
  readonly compatibility: readonly Compatibility[];
  /** Its project has it upgraded one minor version at a time, and never back. Default: false. */
  readonly stepwise?: boolean;
}

/** What a chart's own project says about Kubernetes. Minor releases, both ends included. */
export interface Compatibility {
  /** The chart's versions this is about: every version that begins with this text and a dot, or is it. */
  readonly series: string;
  /** Oldest Kubernetes on which it works at all: older is refused. */
  readonly needs: string;
  /** Kubernetes releases that its project has tested: others get a warning. */
  readonly tested?: readonly [oldest: string, newest: string];
}

/** What is known of a chart's version, if anything. */
export function compatibilityOf(
  { compatibility }: Pick<PinnedChart, "compatibility">,
  version: string,
): Compatibility | undefined {
  const plain = version.replace(/^v/, "");
  return compatibility.find((each) => {
    const series = each.series.replace(/^v/, "");
    return plain === series || plain.startsWith(`${series}.`);
  });
}
