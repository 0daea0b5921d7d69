import assert from "node:assert/strict";
import fc from "fast-check";
import { buildInventory } from "../../inventory/inventory";
import { nodes, settingsOf } from "../program";

const roles = fc
  .array(fc.constantFrom("server", "agent"), { minLength: 0, maxLength: 30 })
  .map((others) => nodes(...["server", ...others].map((role, index) => `${role}:n${String(index)}`)));
const lanes = fc.integer({ min: 1, max: 12 });

const inventories = fc.tuple(roles, lanes).map(([list, agentsAtOnce]) => {
  return { inventory: buildInventory(settingsOf({ nodes: list, rollout: { agentsAtOnce } })), agentsAtOnce };
});

describe("the inventory", () => {
  it("brings every node after those that it waits for", () => {
    fc.assert(
      fc.property(inventories, ({ inventory }) => {
        const done = new Set<string>();
        for (const node of inventory.nodes) {
          assert.ok(node.after.every((name) => done.has(name)));
          done.add(node.name);
        }
      }),
    );
  });

  it("never has two servers worked on at the same time, nor removed", () => {
    fc.assert(
      fc.property(inventories, ({ inventory }) => {
        // Edges to all that are before it: of several removed servers the engine knows only their own edges.
        inventory.servers.forEach((server, index) => {
          assert.deepEqual(
            server.after,
            inventory.servers.slice(0, index).map(({ name }) => name),
          );
        });
      }),
    );
  });

  it("starts no agent before every server is ready, and removes no server before its agents", () => {
    fc.assert(
      fc.property(inventories, ({ inventory }) => {
        for (const agent of inventory.agents) {
          assert.ok(inventory.servers.every((server) => agent.after.includes(server.name)));
        }
      }),
    );
  });

  it("works on as many agents at once as rollout.agentsAtOnce says, and on no more", () => {
    fc.assert(
      fc.property(inventories, ({ inventory, agentsAtOnce }) => {
        const agents = new Set(inventory.agents.map((agent) => agent.name));
        const lane = new Map<string, string>();
        for (const agent of inventory.agents) {
          const before = agent.after.find((name) => agents.has(name));
          lane.set(agent.name, before === undefined ? agent.name : (lane.get(before) ?? ""));
        }
        assert.equal(new Set(lane.values()).size, Math.min(agentsAtOnce, inventory.agents.length));
      }),
    );
  });

  it("lets the first server speak for agents, and every server for itself", () => {
    fc.assert(
      fc.property(inventories, ({ inventory }) => {
        assert.ok(inventory.agents.every((agent) => agent.operator === inventory.first.name));
        assert.ok(inventory.servers.every((server) => server.operator === server.name));
      }),
    );
  });

  it("goes through the bastion with its own key and host key", () => {
    const inventory = buildInventory(
      settingsOf({
        nodes: [{ ...nodes("server:s1")[0], ssh: { bastion: "gate" } }],
        ssh: {
          user: "ops",
          bastions: { gate: { address: "gate.example.org", hostKey: "ssh-ed25519 GATE", port: 2222 } },
        },
      }),
    );
    assert.deepEqual(inventory.first.ssh.bastion, {
      host: "gate.example.org",
      port: 2222,
      user: "ops",
      hostKey: "ssh-ed25519 GATE",
      privateKey: undefined,
      privateKeyPassphrase: undefined,
    });
  });

  it("joins through the API's own address where there is one, and over the nodes' network otherwise", () => {
    const list = [{ ...nodes("server:s1")[0], internalIp: "10.0.0.1" }];
    assert.equal(buildInventory(settingsOf({ nodes: list })).joinHost, "10.0.0.1");
    assert.equal(buildInventory(settingsOf({ nodes: list })).apiHost, "192.0.2.1");
    const withVip = buildInventory(settingsOf({ nodes: list, cluster: { apiAddress: "k3s.example.org" } }));
    assert.equal(withVip.joinHost, "k3s.example.org");
    assert.equal(withVip.apiHost, "k3s.example.org");
  });
});
