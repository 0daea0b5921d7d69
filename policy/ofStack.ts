import { parseAllDocuments } from "yaml";
import { resourcesOf } from "../addons/resources";
import { GroundworkError } from "../config/groundworkError";
import type { Problem } from "../config/problem";
import type { Settings } from "../config/settings";
import type { DesiredStack } from "../desired/cluster";
import { judge, needlessExceptions, violationLine, type Violation } from "./judge";
import { group, groups, policyObject, type Fields, type PolicyObject } from "./object";

/** What the rules find in a stack. */
export interface StackPolicy {
  readonly violations: readonly Violation[];
  /** What is wrong with the exceptions. */
  readonly warnings: readonly Problem[];
}

/** Holds a stack to its rules. Pure. */
export function policyOfStack(settings: Settings, desired: DesiredStack): StackPolicy {
  const objects = objectsOf(settings, desired);
  const { policy } = settings;
  return {
    violations: judge(objects, policy),
    warnings: needlessExceptions(objects, policy).map((index) => ({
      path: `policy.exceptions[${index}]`,
      problem: `changes nothing: ${policy.exceptions[index]?.rule ?? ""} finds nothing at ${policy.exceptions[index]?.at ?? ""}`,
      remedy: "take it out, or correct 'at'",
    })),
  };
}

/** @throws GroundworkError with all that is refused, where anything is */
export function refuseViolations(stack: string, violations: readonly Violation[]): void {
  const refused = violations.filter(({ level }) => level === "refuse");
  if (refused.length === 0) return;
  const lines = refused.map((violation) => `  ${violationLine(violation)}`);
  throw new GroundworkError(
    "failed",
    [
      `The policy of stack '${stack}' refuses ${refused.length === 1 ? "one object" : `${refused.length} things`}:`,
      ...lines,
    ].join("\n"),
  );
}

/** The objects of a stack that are known before they are made. What is in a chart is not. */
export function objectsOf({ k3s, rollout }: Settings, desired: DesiredStack): PolicyObject[] {
  const own = resourcesOf(desired.groups).flatMap((each) =>
    each.is === "object"
      ? [policyObject({ apiVersion: each.apiVersion, kind: each.kind, ...each.fields }, each.name)]
      : [],
  );
  const job = rollout.check?.job;
  // A secret manifest is left out: a message would tell what is in it.
  const manifests = desired.is === "machines" ? Object.values(k3s.manifests).flatMap(manifestsIn) : [];
  return [...own, ...[...manifests, ...(job === undefined ? [] : [job])].map((manifest) => policyObject(manifest))];
}

/** The objects of a manifest; those of a List one by one. */
function manifestsIn(yaml: string): Fields[] {
  const documents = [parseAllDocuments(yaml, { prettyErrors: false })].flat();
  return documents.flatMap((document): Fields[] => {
    const manifest = group("errors" in document ? document.toJS() : undefined);
    return manifest["kind"] === "List" ? groups(manifest["items"]) : [manifest];
  });
}
