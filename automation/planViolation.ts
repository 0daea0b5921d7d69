/**
 * What the engine says when something would be done that is not in the plan (its pkg/resource/deploy: plan.go,
 * step_generator.go, deployment_executor.go), in words to be read after a resource's name; undefined for anything else. The
 * engine prints the values that differ, secrets among them: they are left out. Pure.
 */
export function planViolation(message: string): string | undefined {
  const text = message.trim();
  const [, properties] = /violates plan: properties changed: ([\s\S]*)$/.exec(text) ?? [];
  if (properties !== undefined) return `${propertyNames(properties).join(", ")}: not as planned`;
  const [, reason] = /violates plan: (.*)$/s.exec(text) ?? [];
  if (reason !== undefined) return reason;
  const [, step, planned] =
    /([\w-]+) is not allowed by the plan: (?:this resource is constrained to ([\w-]+)|no )/.exec(text) ?? [];
  if (step !== undefined) return `would be done: ${step}; planned: ${planned ?? "nothing"}`;
  if (/expected resource operations for \S+ but none were seen/.test(text)) return "is planned, and would not be done";
  if (/no plan for resource \S+/.test(text)) return "is not in the plan";
  return undefined;
}

/** `++stdin[{…}], ~~environment[{…}!={…}]`: the names only. A value may look like a further name, and is no value then. */
function propertyNames(text: string): string[] {
  const names = [...text.matchAll(/(?:^|, )[-+~=]{2}([A-Za-z_][\w.]{0,40})(?=\[\{|, |$)/g)].map(
    ([, name = ""]) => name,
  );
  return names.length === 0 ? ["properties"] : [...new Set(names)];
}
