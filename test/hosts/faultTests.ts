import * as assert from "node:assert/strict";
import { onHosts } from "./behaviour/suite";
import { casesOf, spread } from "./cases";
import { count } from "./counts";
import { survive, undisturbed } from "./faults";
import { SHELLS, type Shell } from "./sandbox/sandbox";
import type { Verb } from "./scripts";
import type { Scenario } from "./scenario";
import { SCENARIOS } from "./scenarios";

/**
 * Every verb's real script, disturbed at its commands, its writes, its lines and its questions to the API: afterwards nothing
 * of the host's own is lost, what was said is true, and a second run ends where an undisturbed one does.
 * GROUNDWORK_HOST_CASES=all tries every point there is; a number tries so many of each kind.
 */
const wanted = process.env["GROUNDWORK_HOST_CASES"] ?? "4";
const most = wanted === "all" ? Infinity : Number(wanted);

export function faultTests(verb: Verb): void {
  onHosts(`${verb}, whatever fails`, () => {
    for (const scenario of SCENARIOS.filter((one) => one.verb === verb)) {
      for (const shell of SHELLS) {
        it(`${scenario.name} (${shell})`, () => survivesAll(scenario, shell)).timeout(1_200_000);
      }
    }
  });
}

async function survivesAll(scenario: Scenario, shell: Shell): Promise<void> {
  const calm = await undisturbed(scenario, shell);
  const cases = casesOf(calm, shell, most);
  const wrong: string[] = [];
  for (const one of cases) {
    const problem = await survive(scenario, shell, calm, one);
    if (problem !== undefined) wrong.push(problem);
  }
  count(scenario.verb, shell, cases.length, wrong.length);
  const shown = spread(wrong, 12).map((line) => `  ${line}`);
  assert.equal(wrong.length, 0, `${wrong.length} of ${cases.length} did not survive:\n${shown.join("\n")}`);
}
