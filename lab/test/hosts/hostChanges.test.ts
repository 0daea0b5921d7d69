import assert from "node:assert/strict";
import { hostChanges } from "../../hosts/hostChanges";
import { parseContainers } from "../../hosts/containers";
import { hostNames } from "../../naming";

const here = "/checkout/.cache/lab/default";
const container = (host: string, state = "running", directory = here) => ({
  id: host,
  host,
  directory,
  state,
  status: "Up",
});
const known = (servers: number, agents: number) =>
  hostNames(servers, agents).map((host) => ({ ...host, sshPort: 22000 + host.octet, hostKey: "ssh-ed25519 AAAA" }));
const whole = [container("site"), container("server-1"), container("agent-1"), container("agent-2")];
const names = (items: readonly { name?: string; host?: string }[]) => items.map((item) => item.name ?? item.host);

describe("what has to be done to a lab's hosts", () => {
  it("is everything when there is nothing", () => {
    const changes = hostChanges({ servers: 1, agents: 2 }, [], [], here);
    assert.deepEqual(names(changes.make), ["server-1", "agent-1", "agent-2"]);
    assert.equal(changes.makeSite, true);
  });

  it("is nothing when all is there", () => {
    const changes = hostChanges({ servers: 1, agents: 2 }, known(1, 2), whole, here);
    assert.deepEqual(
      [changes.make, changes.start, changes.surplus, changes.unfinished, changes.makeSite],
      [[], [], [], [], false],
    );
    assert.equal(changes.kept.length, 3);
  });

  it("is one host for one more, and touches no other", () => {
    const changes = hostChanges({ servers: 1, agents: 3 }, known(1, 2), whole, here);
    assert.deepEqual(names(changes.make), ["agent-3"]);
    assert.deepEqual([changes.start, changes.surplus, changes.unfinished], [[], [], []]);
  });

  it("is to take away what is no longer wanted", () => {
    const changes = hostChanges({ servers: 1, agents: 1 }, known(1, 2), whole, here);
    assert.deepEqual(names(changes.surplus), ["agent-2"]);
    assert.deepEqual(changes.make, []);
  });

  it("is to start what stopped", () => {
    const stopped = whole.map((one) => ({ ...one, state: "exited" }));
    assert.deepEqual(hostChanges({ servers: 1, agents: 2 }, known(1, 2), stopped, here).start, names(whole));
  });

  it("is to make anew what an interrupted run left: running but never seen to work, or never started", () => {
    const left = [container("site", "created"), container("server-1"), container("agent-1")];
    const changes = hostChanges({ servers: 1, agents: 1 }, known(1, 0), left, here);
    assert.deepEqual(names(changes.unfinished), ["site", "agent-1"]);
    assert.deepEqual(names(changes.make), ["agent-1"]);
    assert.equal(changes.makeSite, true);
  });

  it("is to clear away what another checkout left behind", () => {
    const changes = hostChanges(
      { servers: 1, agents: 0 },
      known(1, 0),
      [container("server-1", "running", "/gone")],
      here,
    );
    assert.deepEqual(names(changes.unfinished), ["server-1"]);
    assert.deepEqual(names(changes.make), ["server-1"]);
  });

  it("is read from the container engine's own list", () => {
    assert.deepEqual(parseContainers(`abc\tserver-1\t${here}\trunning\tUp 3 minutes\n`), [
      { id: "abc", host: "server-1", directory: here, state: "running", status: "Up 3 minutes" },
    ]);
    assert.deepEqual(parseContainers(""), []);
  });
});
