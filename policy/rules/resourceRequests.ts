import { group, isUnknown, type Fields } from "../object";
import { called, podSpec, runningContainers } from "./pods";
import type { Rule } from "./rule";

export const resourceRequests: Rule = {
  reason: "the scheduler counts it as nothing, and it is the first to be ended when a node's memory runs out",
  remedy: "write resources.requests with cpu and memory",
  find: (object) => {
    const spec = podSpec(object) ?? {};
    return runningContainers(spec).flatMap((container) => {
      const lacks = ["cpu", "memory"].filter((name) => !asks(spec, name) && !asks(container, name));
      return lacks.length === 0 ? [] : [`${called(container)} requests no ${lacks.join(" and no ")}`];
    });
  },
};

/** Kubernetes takes a limit for the request where there is none. */
function asks(of: Fields, name: string): boolean {
  const { requests, limits } = group(of["resources"]);
  const amounts = [requests, limits];
  return [of["resources"], ...amounts].some(isUnknown) || amounts.some((each) => group(each)[name] !== undefined);
}
