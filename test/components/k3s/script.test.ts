import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { scriptOf, shellQuote } from "../../../components/k3s/script";
import { allNodes } from "../../../desired/nodes";
import { desiredOf, nodes } from "../../program";

const directory = join(__dirname, "snapshots");

/** How every script's own shell begins; what comes before is what the script is given. What the shell does is seen in test/hosts. */
const FIRST_PART = "\n# What every script says";

function scripts(changes: Record<string, unknown>): Map<string, string> {
  return new Map(
    allNodes(desiredOf(changes).nodes).flatMap(({ name, role, steps }) => {
      const tokens = { server_token: role === "server" ? "SERVER-TOKEN" : "", agent_token: "AGENT-TOKEN" };
      return [
        [`${name}.token.sh`, scriptOf(steps.token.program, tokens)],
        [`${name}.converge.sh`, scriptOf(steps.host.program)],
        [`${name}.drain.sh`, scriptOf(steps.drain.program)],
        [`${name}.ready.sh`, scriptOf(steps.ready.program)],
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
    it(`are given what is recorded: ${name}`, () => {
      const file = join(directory, name.replace(/\.sh$/, ".txt"));
      const given = text.slice(0, text.indexOf(FIRST_PART));
      if (process.env["UPDATE_SNAPSHOTS"] === "1") {
        mkdirSync(directory, { recursive: true });
        writeFileSync(file, given);
      }
      assert.equal(given, readFileSync(file, "utf8"), "changed; if that is meant, run with UPDATE_SNAPSHOTS=1");
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
