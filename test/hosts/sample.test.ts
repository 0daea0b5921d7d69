import * as assert from "node:assert/strict";
import { onHosts } from "./behaviour/suite";
import { casesOf, spread } from "./cases";
import { survive, undisturbed } from "./faults";
import { onHost } from "./host";
import { SCENARIOS } from "./scenarios";

/** A small part of `npm run test:hosts`, so that every run of the tests shows that the host program works at all. */
onHosts("the host program in a sandbox (a sample of npm run test:hosts)", () => {
  for (const [list, node] of [
    [["server:s1", "agent:a1"], "s1"],
    [["server:s1", "agent:a1"], "a1"],
  ] as const) {
    it(`makes ${node} a member, changes nothing the second time, and takes all of it away again`, () =>
      onHost(list, node, async (host) => {
        const before = host.state();
        host.surround();
        await host.must("token", "converge");
        assert.match((await host.must("token", "converge")).out, /^unchanged$/m);
        if (node === "s1") await host.must("drain", "ready", "leave");
        await host.must("uninstall");
        assert.deepEqual(host.state()["files"], before["files"]);
      }));
  }

  for (const [name, shell] of [
    ["converge of a changed agent", "dash"],
    ["leave of a server", "bash"],
  ] as const) {
    it(`survives failures in ${name} (${shell})`, async () => {
      const scenario = SCENARIOS.find((one) => one.name === name)!;
      const calm = await undisturbed(scenario, shell);
      for (const one of spread(casesOf(calm, shell, 4), 3)) {
        assert.equal(await survive(scenario, shell, calm, one), undefined);
      }
    });
  }
});
