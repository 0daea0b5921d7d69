/** Whether labels fit a selector as kubectl's `-l` takes it: `key`, `!key`, `key=value`, `key!=value`, `key in (a, b)`. */
export function matchesLabels(selector: string, labels: Readonly<Record<string, string>>): boolean {
  const requirements = selector.match(/[^,(]+(?:\([^)]*\))?/g) ?? [];
  return requirements.every((requirement) => matches(requirement.trim(), labels));
}

function matches(requirement: string, labels: Readonly<Record<string, string>>): boolean {
  const set = /^(\S+) +(in|notin) +\(([^)]*)\)$/.exec(requirement);
  if (set !== null) {
    const listed = set[3]!.split(",").map((value) => value.trim());
    return listed.includes(labels[set[1]!] ?? "") === (set[2] === "in");
  }
  const [, key = "", operator, value] = /^(!?[^=!]+)(==|=|!=)?(.*)$/.exec(requirement) ?? [];
  if (operator === "!=") return labels[key] !== value;
  if (operator !== undefined) return labels[key] === value;
  return key.startsWith("!") ? labels[key.slice(1)] === undefined : labels[key] !== undefined;
}
