import { group, number, texts, type Fields } from "../object";
import { called, podSpec, runningContainers } from "./pods";
import type { Rule } from "./rule";

/** What Kubernetes gives a pod that says nothing. */
const DEFAULT_GRACE_SECONDS = 30;

export const preStopGrace: Rule = {
  reason: "the time to end includes preStop: the process is killed without having been asked to end",
  remedy: "write a longer terminationGracePeriodSeconds, or a shorter preStop",
  find: (object) => {
    const spec = podSpec(object) ?? {};
    const given = spec["terminationGracePeriodSeconds"] ?? DEFAULT_GRACE_SECONDS;
    const grace = number(given);
    if (grace === undefined) return [];
    return runningContainers(spec).flatMap((container) => {
      const seconds = preStopSeconds(container);
      return seconds === undefined || seconds < grace
        ? []
        : [`${called(container)} sleeps ${seconds} s in preStop, and the pod has ${grace} s to end`];
    });
  },
};

/** How long it sleeps; undefined where that cannot be known. */
function preStopSeconds(container: Fields): number | undefined {
  const preStop = group(group(container["lifecycle"])["preStop"]);
  const sleep = number(group(preStop["sleep"])["seconds"]);
  if (sleep !== undefined) return sleep;
  const slept = /(?:^|[\s/;])sleep (\d+)s?(?:$|[\s;&])/.exec(texts(group(preStop["exec"])["command"]).join(" "));
  return slept === null ? undefined : Number(slept[1]);
}
