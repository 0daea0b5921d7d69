import assert from "node:assert/strict";
import { plannedLines } from "../../../cli/runRotate";
import { decideRotation, type KeyState } from "../../../operate/secretsKey/rotation";

const state = (node: string, more: Partial<KeyState> = {}): KeyState => ({
  node,
  isEnabled: true,
  stage: "start",
  mismatch: "",
  active: "AES-CBC aescbckey",
  hasOthers: false,
  version: "v1.36.4+k3s1",
  isBegun: false,
  ...more,
});

describe("a rotation of the Secrets' key", () => {
  it("is the first server's, and goes on where one was begun", () => {
    assert.deepEqual(decideRotation([state("s1"), state("s2")]), { server: "s1", goesOn: false });
    const finished = { stage: "reencrypt_finished" };
    assert.deepEqual(decideRotation([state("s1", finished)]), { server: "s1", goesOn: false });
    const mismatch = "hash does not match between s1 and s2";
    assert.deepEqual(decideRotation([state("s1", { mismatch }), state("s2", { mismatch, isBegun: true })]), {
      server: "s2",
      goesOn: true,
    });
  });

  it("is refused with everything that is in the way", () => {
    const refused = (...states: KeyState[]): string => {
      try {
        decideRotation(states);
      } catch (error) {
        return (error as Error).message;
      }
      return assert.fail("it was not refused");
    };
    const mismatch = "hash does not match between s1 and s2";
    assert.match(
      refused(state("s1", { mismatch, version: "v1.30.2+k3s1" }), state("s2", { mismatch })),
      /s1 runs v1\.30\.2\+k3s1, .*\n.*do not have the same keys: hash does not match between s1 and s2; /,
    );
    assert.match(refused(state("s1", { isEnabled: false })), /Secrets are not encrypted \(s1\)/);
    assert.match(refused(state("s1", { version: "v1.31.0+k3s1" })), /s1 runs v1\.31\.0/);
    assert.match(refused(state("s1", { stage: "prepare" })), /by hand on s1 \(stage prepare\)/);
    assert.match(refused(state("s1", { hasOthers: true })), /by hand on s1/);
  });

  it("is shown before it is agreed to", () => {
    assert.deepEqual(plannedLines({ server: "s1", goesOn: false, restarts: [] }), [
      "s1 saves a snapshot of etcd, makes a new key, and writes all Secrets anew with it",
    ]);
    assert.deepEqual(plannedLines({ server: "s2", goesOn: true, restarts: ["s2", "s1"] }), [
      "a rotation that was begun on s2 goes on",
      "then k3s restarts on s2, s1, one after another; pods run on",
      "until a server has restarted, its API cannot read Secrets: choose a quiet hour",
    ]);
  });
});
