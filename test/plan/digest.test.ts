import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Difference } from "../../plan/compare/difference";
import { digestOf, digestText, holdTo, isDigest, readDigest } from "../../plan/compare/digest";
import { comparePlans } from "../../plan/compare/compare";
import { liveDifference } from "../../plan/live/liveDifference";
import { readPreview } from "../../plan/live/preview";
import { differenceIn } from "../../pullRequest/reports";
import { anyDifferences, differenceOf } from "../pullRequest/differences";
import { LIVE_STACK, recordedPreview } from "./livePreviews";
import { edited, planOf, stackText } from "./stacks";

type Edit = Parameters<typeof recordedPreview>[1];

const live = (name: string, edit?: Edit, base?: Difference): Difference =>
  liveDifference(readPreview(recordedPreview(name, edit), LIVE_STACK), base);
const whole = (difference: Difference): string => digestOf(difference)?.whole ?? assert.fail("it has none");
const refusal = (approved: Difference, now: Difference, brief = false): string => {
  const digest = digestOf(approved) ?? assert.fail("it has none");
  try {
    holdTo(brief ? readDigest(digestText(digest)) : digest, now);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

const NAMES = ["same", "upgrade", "added", "removed", "ingress", "key", "drift", "storage"];

describe("the digest of what would be done", () => {
  it("is another one for each change, and none where the preview failed", () => {
    assert.equal(new Set(NAMES.map((name) => whole(live(name)))).size, NAMES.length);
    assert.equal(digestOf(live("failed")), undefined);
  });

  it("is the same in whatever order the engine tells its steps", () => {
    for (const name of NAMES) {
      const expected = whole(live(name));
      fc.assert(
        fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
          const shuffled = live(name, ({ steps }) => {
            const keyed = steps.map((step) => [numbers.next().value as number, step] as const);
            steps.splice(0, steps.length, ...keyed.sort(([a], [b]) => a - b).map(([, step]) => step));
          });
          assert.equal(whole(shuffled), expected);
        }),
        { numRuns: 10 },
      );
    }
  });

  it("counts what happens, and not who caused it: drift, and what the base has already", () => {
    const name = "upgrade";
    const noted = live(name, undefined, { ...live("same"), view: "base" });
    assert.ok(noted.changes.some(({ notes }) => notes.some((note) => note.startsWith("not of this change"))));
    assert.equal(whole(noted), whole(live(name)));
    const { changes, ...rest } = live("drift");
    assert.equal(
      whole({
        ...rest,
        changes: changes.map((each) => ({ ...each, notes: each.notes.filter((one) => !one.includes("drift")) })),
      }),
      whole(live("drift")),
    );
  });

  it("does not count how a secret is encrypted", async () => {
    const stack = (cipher: string, max: number): string =>
      edited(
        stackText("staging"),
        ["groundwork:k3s:\n", `groundwork:k3s:\n    token:\n      secure: ${cipher}\n`],
        ["groundwork:k3s:\n", `groundwork:k3s:\n    agent: { kubelet-arg: [max-pods=${max}] }\n`],
      );
    const between = async (cipher: string): Promise<string> => {
      const [before, after] = [await planOf(stack("AAAA", 100)), await planOf(stack(cipher, 120))];
      return whole(comparePlans(before, after, cipher));
    };
    assert.equal(await between("BBBB"), await between("CCCC"));
    assert.notEqual(
      await between("BBBB"),
      whole(comparePlans(await planOf(stack("AAAA", 100)), await planOf(stack("AAAA", 130)), "x")),
    );
  });

  it("is worked out from what a report shows, and survives it", () => {
    for (const name of NAMES) {
      const written = JSON.stringify({ ...live(name), digest: "0".repeat(64) });
      const read = differenceIn(written);
      assert.ok(typeof read !== "string");
      assert.equal(whole(read), whole(live(name)));
    }
  });

  it("has a form that is read again, whatever the names are", () => {
    fc.assert(
      fc.property(anyDifferences, (difference) => {
        const digest = digestOf(difference) ?? assert.fail("it has none");
        const text = digestText(digest);
        assert.ok(isDigest(text), text);
        assert.deepEqual(readDigest(text), { ...digest, names: new Map() });
        holdTo(readDigest(text), difference);
        holdTo(readDigest(digest.whole), difference);
      }),
    );
    for (const text of ["", "a".repeat(63), `${"a".repeat(64)}.`, "A".repeat(64), `${"a".repeat(64)} -->`]) {
      assert.equal(isDigest(text), false, text);
    }
  });

  it("has no parts where they are too many to be told", () => {
    const digest = digestOf(differenceOf("dev", 2_000, 1)) ?? assert.fail("it has none");
    assert.equal(digestText(digest), digest.whole);
  });
});

describe("what is held to a digest", () => {
  it("may be the same", () => {
    for (const name of NAMES) assert.equal(refusal(live(name), live(name), true), "");
  });

  it("is named where it is another one, once a machine", () => {
    const [approved, now] = [live("upgrade"), live("added")];
    const digests = `The approved digest is ${whole(approved)}, that of now ${whole(now)}`;
    const known =
      "lab-report: what would be done now is not what was approved; nothing was done. Was not to change: node agent-2, release longhorn";
    assert.equal(
      refusal(approved, now),
      `${known}. Was approved, and does not change any more: node agent-1, node server-1. ${digests}`,
    );
    assert.match(refusal(approved, now, true), /\. Was approved, and does not change any more: \d+ things\. /);
    assert.match(refusal(live("key"), live("upgrade"), true), /Changes otherwise: node agent-1, node server-1/);
  });

  it("is told by its digests alone where the parts are not known", () => {
    const now = live("added");
    assert.throws(
      () => holdTo(readDigest("0".repeat(64)), now),
      new RegExp(
        `^GroundworkError: lab-report: what would be done now is not what was approved; nothing was done. The approved digest is 0{64}, that of now ${whole(now)}$`,
      ),
    );
  });

  it("is not a preview that failed", () => {
    assert.match(
      refusal(live("same"), live("failed")),
      /^lab-report: the preview failed, so it is not what was approved/,
    );
  });
});
