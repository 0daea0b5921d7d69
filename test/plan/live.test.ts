import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { givenOf, scriptOf } from "../../components/k3s/script";
import { Secret } from "../../config/secret";
import type { HostProgram } from "../../desired/host/program";
import type { Change, Difference } from "../../plan/compare/difference";
import { liveDifference } from "../../plan/live/liveDifference";
import { readPreview } from "../../plan/live/preview";
import { bodyDigest, readScript } from "../../plan/live/scriptText";
import { renderDifferenceMarkdown } from "../../plan/render/differenceMarkdown";
import { LIVE_STACK, recordedPreview } from "./livePreviews";

const live = (name: string, base?: Difference): Difference =>
  liveDifference(readPreview(recordedPreview(name), LIVE_STACK), base);
const rows = ({ verdict }: Difference): string[] =>
  verdict.hosts.map(({ order, name, k3s, drain, changes }) => [order, name, k3s, drain, changes].join(" | "));
const changeOf = ({ changes }: Difference, name: string): Change =>
  changes.find((change) => change.name === name) ?? assert.fail(`${name} does not change`);
const lines = ({ documents }: Change): string[] =>
  documents.flatMap(({ name, hunks }) =>
    hunks.flatMap((hunk) =>
      hunk.lines.filter(({ sign }) => sign !== " ").map(({ sign, text }) => `${name} ${sign}${text}`),
    ),
  );

describe("live against head, from the engine's own preview", () => {
  it("is nothing where the engine finds nothing", () => {
    const { changes, verdict, view } = live("same");
    assert.deepEqual([changes, verdict.line, view], [[], "nothing changes", "live"]);
  });

  it("tells of an upgrade who restarts, in which order, and what is drained", () => {
    const difference = live("upgrade");
    assert.equal(
      difference.verdict.line,
      "1 server restarts, then 1 agent; the API is away meanwhile, as this is the only server; each is drained first; nothing is deleted",
    );
    assert.deepEqual(rows(difference), [
      "1 | server-1 | restarts | yes | k3s upgrade v1.36.4+k3s1 to v1.36.5+k3s1",
      "2 | agent-1 | restarts | yes | k3s upgrade v1.36.4+k3s1 to v1.36.5+k3s1",
    ]);
  });

  it("tells of an added node that it joins, and does not take machines behind one address for each other", () => {
    const difference = live("added");
    assert.match(difference.verdict.line, /^no node restarts; 1 agent joins; 1 release changes; nothing is deleted$/);
    assert.deepEqual(rows(difference), ["1 | agent-2 | starts |  | joins"]);
    assert.deepEqual(difference.risky, []);
  });

  it("tells of a removed node what is deleted", () => {
    const difference = live("removed");
    assert.match(difference.verdict.line, /; 1 agent leaves; 1 release changes; deleted: 1 node$/);
    assert.deepEqual(rows(difference), [
      "last | agent-1 | is uninstalled | yes | leaves the cluster; its data are deleted",
    ]);
  });

  it("shows a changed ingress by the structure of its values, without what stays", () => {
    const change = changeOf(live("ingress"), "ingress-nginx");
    const text = change.documents[0]?.hunks[0]?.lines.slice(0, 6).map(({ sign, text: shown }) => sign + shown);
    assert.deepEqual(text, [
      " controller:",
      "   hostPort:",
      "-    enabled: true",
      "+    enabled: false",
      "-  kind: DaemonSet",
      "+  kind: Deployment",
    ]);
  });

  it("says of another SSH key that it is another one, and restarts nothing", () => {
    const difference = live("key");
    assert.match(difference.verdict.line, /^no node restarts; /);
    assert.deepEqual(lines(changeOf(difference, "server-1")), [
      "settings -ssh connection: [secret]",
      "settings +ssh connection: [secret], another one",
    ]);
    assert.deepEqual(rows(difference).at(-1), "2 | agent-1 | goes on |  | ssh connection, ssh connection to server-1");
  });

  it("names drift as such, apart from what the change itself does", () => {
    const difference = live("drift");
    assert.equal(difference.against, "what is there now");
    assert.match(difference.verdict.line, /; drift in 2$/);
    assert.deepEqual(
      difference.changes.filter(({ notes }) => notes.some((note) => note.startsWith("drift:"))).map(({ name }) => name),
      ["apps-limits", "apps-quota"],
    );
    assert.deepEqual(lines(changeOf(difference, "apps-quota")), ['inputs -    pods: "99"', 'inputs +    pods: "40"']);
    assert.match(
      difference.verdict.bites[0] ?? "",
      /^drift: apps-limits, apps-quota are not as the last 'up' left them/,
    );
  });

  it("tells what a change under review does not do itself", () => {
    const upgrade = live("upgrade");
    const only = { ...upgrade, against: "main", changes: upgrade.changes.filter(({ name }) => name === "server-1") };
    const { changes } = live("upgrade", only);
    assert.deepEqual(
      changes.map(({ name, notes }) => [name, notes.some((note) => note.startsWith("not of this change: main"))]),
      [
        ["server-1", false],
        ["agent-1", true],
      ],
    );
  });

  it("says once of a stack that no 'up' has made that it is new", () => {
    const preview = recordedPreview("same", (given) => {
      for (const step of given.steps) {
        if (step.urn.includes("pulumi:pulumi:Stack")) continue;
        step.op = "create";
        step.oldState = null;
      }
      given.changeSummary = { create: given.steps.length };
    });
    const { verdict, changes } = liveDifference(readPreview(preview, LIVE_STACK), { ...live("same"), against: "main" });
    assert.match(verdict.line, /^the stack is new; 1 server joins; 1 agent joins; .*; nothing is deleted$/);
    assert.ok(!changes.some(({ notes }) => notes.some((note) => note.startsWith("not of this change"))));
  });

  it("says what is deleted and made anew, and why", () => {
    const { verdict, changes } = live("storage");
    assert.match(verdict.line, /; deleted and made anew: nfs-client$/);
    assert.deepEqual(changes[0]?.notes, ["is deleted and made anew, because of reclaimPolicy"]);
  });

  it("says that a preview failed, and shows what was known until then", () => {
    const { verdict, warnings } = live("failed");
    assert.equal(verdict.line, "the preview failed");
    assert.match(
      warnings[0] ?? "",
      /^the preview failed: The settings of stack 'lab-report' have one problem: ingress/,
    );
    const halfWay = recordedPreview("upgrade", (preview) => {
      preview.diagnostics = [{ severity: "error", message: "error: the plugin crashed" }];
    });
    assert.match(
      liveDifference(readPreview(halfWay, LIVE_STACK)).verdict.line,
      /^the preview failed; known until then: 1 server restarts/,
    );
  });

  it("shows what a script is given where the script itself becomes a secret", () => {
    const difference = live("sudo");
    assert.match(difference.verdict.line, /^no node restarts; /);
    assert.ok(!lines(changeOf(difference, "server-1")).some((line) => line.includes("config.yaml")));
  });

  it("says so where a script is not one that can be read", () => {
    const old = recordedPreview("upgrade", ({ steps }) => {
      const step = steps.find(({ op, urn }) => op === "update" && urn.endsWith("::agent-1"));
      step!.oldState!.inputs!["stdin"] = "echo of another release\n";
    });
    const { warnings } = liveDifference(readPreview(old, LIVE_STACK));
    assert.match(warnings[0] ?? "", /cannot be read: agent-1; whether k3s restarts there is not known/);
  });

  it("tells in one line how to write a preview that can be read", () => {
    const refused = (text: string, expected: RegExp): void => {
      assert.throws(() => readPreview(text, LIVE_STACK), expected);
    };
    refused("Previewing update (dev):\n", /not JSON; write it with 'pulumi preview --json --show-sames --stack lab/);
    refused('{"steps":[{"op":1}]}', /steps\.0\.op is not as the engine writes it/);
    refused("{}", /there is no step in the preview/);
    refused(
      recordedPreview("same", (preview) => (preview.steps = preview.steps.slice(0, 3))),
      /what stays the same/,
    );
    assert.throws(() => readPreview(recordedPreview("same"), "prod"), /is of stack 'lab-report', and not of 'prod'/);
  });

  it("is rendered by the same code, and says which view it is", () => {
    assert.match(
      renderDifferenceMarkdown(live("drift")),
      /^### Live preview: stack `lab-report`\n\nAgainst what is there now: \*\*no node restarts;/,
    );
  });
});

describe("a script's text", () => {
  const words = fc.oneof(fc.string(), fc.constantFrom("it's", "a\nb", "''", "END_OF_FILE\n", "put_files() {\n"));
  const noNul = words.filter((text) => !text.includes("\0"));
  const content = noNul.map((text) => (text === "" ? "" : `${text}\n`));
  const file = fc.record({
    path: noNul.filter((text) => !text.includes("\n")),
    mode: fc.constantFrom("600", "755"),
    effect: fc.constantFrom("restart", "unit", "reload", "keep"),
    label: fc.constantFrom("config", "virtual-ip"),
    content,
  });
  const programs: fc.Arbitrary<HostProgram> = fc.record({
    title: fc.constant("what atlas is to be"),
    facts: fc.record({ node: noNul, role: noNul, k3s_version: noNul }),
    secrets: fc.constant([]),
    files: fc.record({
      put: fc.array(file, { maxLength: 4 }),
      secret: fc.constant([
        { path: "/s", mode: "600", effect: "restart", label: "s", content: Secret.of("x\n"), shown: "[secret]\n" },
      ] as const),
      drop: fc.constant([{ path: "/gone", effect: "keep", label: "gone" }] as const),
    }),
    parts: fc.constant(["report"]),
    verbs: fc.constant(["converge"]),
  });

  it("gives back what the program was given, whatever that is", () => {
    fc.assert(
      fc.property(programs, (program) => {
        const [script, given] = [readScript(scriptOf(program)), readScript(givenOf(program))];
        for (const read of [script, given]) {
          assert.deepEqual(read?.facts, { ...program.facts });
          assert.deepEqual(
            read.files.map(({ path, mode, content: text }) => [path, mode, text]),
            [
              ...(program.files?.put ?? []).map(({ path, mode, content: text }) => [path, mode, text]),
              ["/s", "600", "[secret] (its mark is 73cb)\n"],
            ],
          );
        }
        assert.equal(bodyDigest(script?.body ?? ""), given?.body);
      }),
    );
  });
});
