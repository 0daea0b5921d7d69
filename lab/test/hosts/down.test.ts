import assert from "node:assert/strict";
import { removedText } from "../../hosts/down";

describe("what lab down says that it removed", () => {
  it("counts the hosts that a person asked for, and the site apart", () => {
    const containers = (...hosts: string[]): { host: string }[] => hosts.map((host) => ({ host }));
    assert.equal(removedText(containers("site", "server-1", "agent-1", "agent-2")), "3 hosts and the site removed");
    assert.equal(removedText(containers("server-1")), "1 host removed");
    assert.equal(removedText(containers("site")), "the site removed");
  });
});
