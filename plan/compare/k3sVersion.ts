/** `v1.36.4+k3s1` as numbers: major, minor, patch, k3s's own; a release candidate sorts before its release. */
function numbersOf(version: string): readonly number[] | undefined {
  const [, major, minor, patch, candidate, k3s] = /^v(\d+)\.(\d+)\.(\d+)(?:-rc(\d+))?\+k3s(\d+)$/.exec(version) ?? [];
  if (major === undefined) return undefined;
  return [major, minor, patch, candidate ?? "1000000", k3s].map(Number);
}

/** Below 0 when `a` is older than `b`, above 0 when newer, undefined when one of them is no k3s version. */
export function compareVersions(a: string, b: string): number | undefined {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  if (left === undefined || right === undefined) return undefined;
  const differing = left.findIndex((number, index) => number !== right[index]);
  return differing < 0 ? 0 : (left[differing] ?? 0) - (right[differing] ?? 0);
}

/** Minor versions between two versions of the same major one: 2 from v1.34 to v1.36. */
export function minorSteps(from: string, to: string): number {
  const [left, right] = [numbersOf(from), numbersOf(to)];
  return left === undefined || right === undefined || left[0] !== right[0] ? 0 : (right[1] ?? 0) - (left[1] ?? 0);
}
