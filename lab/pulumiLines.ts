/** An operation as Pulumi's progress tells it: ` ~  command:remote:Command agent-1 updating (3s) [diff: ~stdin]; its last line`. */
const OPERATION =
  /^\s*(?<what>[-+~<>=]{0,2}\s*\S+:\S+ (?<name>\S+)) (?<state>\w+ing|\w+ed)(?<failed> failed)?(?<took> \([\d.]+\w*\))?(?: \[diff: [^\]]*\])?;? ?(?<said>.*)$/;

/**
 * Pulumi tells every line of a command behind the whole prefix of its resource, and that it is `@ updating....` in between. Of that this
 * hands on each line once, as the lab engine has it: `agent-1 | changed /etc/rancher/k3s/config.yaml`, and the beginning and the end of
 * each operation.
 */
export function readablePulumi(print: (line: string) => void): (line: string) => void {
  const begun = new Set<string>();
  const lastSaid = new Map<string, string>();
  return (line) => {
    if (/^@ (updating|previewing|destroying|refreshing)\b/.test(line)) return;
    const { what, name, state, failed, took, said } = OPERATION.exec(line)?.groups ?? {};
    if (what === undefined || name === undefined || state === undefined) {
      print(line);
      return;
    }
    const goesOn = state.endsWith("ing") && failed === undefined;
    if (said !== undefined && said !== "" && lastSaid.get(name) !== said) {
      lastSaid.set(name, said);
      print(`${name} | ${said}`);
    }
    if (goesOn) {
      if (said !== "" || begun.has(`${what} ${state}`)) return;
      begun.add(`${what} ${state}`);
    }
    print(` ${what} ${state}${failed ?? ""}${goesOn ? "" : (took ?? "")}`);
  };
}
