import assert from "node:assert/strict";
import fc from "fast-check";
import { allNodes, type DesiredNode, type DesiredNodes } from "../../desired/nodes";
import { desiredOf, nodes } from "../program";

const roles = fc
  .array(fc.constantFrom("server", "agent"), { minLength: 0, maxLength: 30 })
  .map((others) => nodes(...["server", ...others].map((role, index) => `${role}:n${String(index)}`)));
const lanes = fc.integer({ min: 1, max: 12 });

const clusters = fc.tuple(roles, lanes).map(([list, agentsAtOnce]) => {
  return { desired: desiredOf({ nodes: list, rollout: { agentsAtOnce } }).nodes, agentsAtOnce };
});

function serversOf({ first, otherServers }: DesiredNodes): DesiredNode[] {
  return [first, ...otherServers];
}

describe("the nodes in roll-out order", () => {
  it("brings every node after those that it waits for", () => {
    fc.assert(
      fc.property(clusters, ({ desired }) => {
        const done = new Set<DesiredNode>();
        for (const node of allNodes(desired)) {
          assert.ok(node.after.every((before) => done.has(before)));
          done.add(node);
        }
      }),
    );
  });

  it("never has two servers worked on at the same time, nor removed", () => {
    fc.assert(
      fc.property(clusters, ({ desired }) => {
        // Edges to all that are before it: of several removed servers the engine knows only their own edges.
        serversOf(desired).forEach((server, index) => {
          assert.deepEqual(server.after, serversOf(desired).slice(0, index));
        });
      }),
    );
  });

  it("starts no agent before every server is ready, and removes no server before its agents", () => {
    fc.assert(
      fc.property(clusters, ({ desired }) => {
        for (const agent of desired.agents) {
          assert.ok(serversOf(desired).every((server) => agent.after.includes(server)));
        }
      }),
    );
  });

  it("works on as many agents at once as rollout.agentsAtOnce says, and on no more", () => {
    fc.assert(
      fc.property(clusters, ({ desired, agentsAtOnce }) => {
        const lane = new Map<DesiredNode, DesiredNode>();
        for (const agent of desired.agents) {
          const before = agent.after.find(({ role }) => role === "agent");
          lane.set(agent, before === undefined ? agent : lane.get(before)!);
        }
        assert.equal(new Set(lane.values()).size, Math.min(agentsAtOnce, desired.agents.length));
      }),
    );
  });

  it("lets the first server speak for agents, and every server for itself", () => {
    fc.assert(
      fc.property(clusters, ({ desired }) => {
        assert.ok(desired.agents.every((agent) => agent.operator.name === desired.first.name));
        assert.ok(serversOf(desired).every((server) => server.operator.name === server.name));
      }),
    );
  });

  it("goes through the bastion with its own key and host key", () => {
    const desired = desiredOf({
      nodes: [{ ...nodes("server:s1")[0], ssh: { bastion: "gate" } }],
      ssh: {
        user: "ops",
        bastions: { gate: { address: "gate.example.org", hostKey: "ssh-ed25519 GATE", port: 2222 } },
      },
    });
    assert.deepEqual(desired.nodes.first.ssh.bastion, {
      name: "gate",
      host: "gate.example.org",
      port: 2222,
      user: "ops",
      hostKey: "ssh-ed25519 GATE",
      privateKey: undefined,
      privateKeyPassphrase: undefined,
    });
  });
});
