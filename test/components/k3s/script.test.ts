import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { planNode } from "../../../components/k3s/nodePlan";
import { convergeScript, drainScript, readyScript, shellQuote, tokenScript } from "../../../components/k3s/script";
import { buildInventory } from "../../../inventory/inventory";
import { nodes, settingsOf } from "../../program";

const directory = join(__dirname, "snapshots");

function scripts(changes: Record<string, unknown>): Map<string, string> {
  const settings = settingsOf(changes);
  const inventory = buildInventory(settings);
  return new Map(
    inventory.nodes.flatMap((node) => {
      const args = { project: "groundwork", settings, plan: planNode(settings, inventory, node), node };
      const tokens =
        node.role === "server" ? { server: "SERVER-TOKEN", agent: "AGENT-TOKEN" } : { agent: "AGENT-TOKEN" };
      return [
        [`${node.name}.token.sh`, tokenScript(args, tokens)],
        [`${node.name}.converge.sh`, convergeScript(args)],
        [`${node.name}.drain.sh`, drainScript(args)],
        [`${node.name}.ready.sh`, readyScript(args)],
      ] as const;
    }),
  );
}

const [server, agent] = nodes("server:s1", "agent:a1");
const full = {
  nodes: [server, { ...agent, labels: { disk: "ssd" }, taints: ["gpu=true:NoSchedule"], internalIp: "10.9.0.2" }],
  network: { interface: "wg0" },
  dns: { upstream: ["10.0.0.1"], searchDomains: ["corp.example"] },
  storage: { longhorn: {} },
};

/** The same two machines, with a k3s on them that somebody else installed. */
const adopted = { ...full, nodes: full.nodes.map((node) => ({ ...node, adopt: true })) };
const recorded = new Map([
  ...scripts(full),
  ...[...scripts(adopted)]
    .filter(([name]) => /token|converge/.test(name))
    .map(([name, text]) => [name.replace(".", ".adopt."), text] as const),
]);

describe("the scripts that hosts are sent", () => {
  for (const [name, text] of recorded) {
    it(`are as recorded: ${name}`, () => {
      const file = join(directory, name);
      // The snapshot is a file that shellcheck reads: the parts alone do not show it what is set where.
      const whole = `#!/bin/sh\n${text}`;
      if (process.env["UPDATE_SNAPSHOTS"] === "1") {
        mkdirSync(directory, { recursive: true });
        writeFileSync(file, whole);
      }
      assert.equal(whole, readFileSync(file, "utf8"), "changed; if that is meant, run with UPDATE_SNAPSHOTS=1");
    });
    it(`are what a POSIX shell can read: ${name}`, () => {
      execFileSync("sh", ["-n"], { input: text });
    });
  }

  it("differ in one line for one changed setting", () => {
    const before = scripts(full).get("a1.converge.sh")?.split("\n") ?? [];
    const after = scripts({ ...full, dns: { upstream: ["10.0.0.9"], searchDomains: ["corp.example"] } });
    const changed = (after.get("a1.converge.sh")?.split("\n") ?? []).filter((line, index) => line !== before[index]);
    assert.deepEqual(changed, ["upstream='10.0.0.9'", "nameserver 10.0.0.9"]);
  });

  it("run no verb that they do not know", () => {
    const { status, stderr } = spawnSync("sh", ["-s", "--", "destroy-everything"], {
      input: scripts(full).get("a1.ready.sh"),
      encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.equal(stderr, "error: unknown verb 'destroy-everything'\n");
  });

  it("take every value literally, whatever the shell would make of it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary-ascii" }).filter((text) => !text.includes("\0")),
        (text) => {
          const out = execFileSync("sh", ["-s"], { input: `printf %s ${shellQuote(text)}`, encoding: "utf8" });
          assert.equal(out, text);
        },
      ),
      { numRuns: 25 },
    );
  });
});
