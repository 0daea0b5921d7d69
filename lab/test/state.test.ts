import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labPaths } from "../paths";
import { type LabState, parseState, readState, writeFileAtomically, writeState } from "../state";

const state: LabState = {
  schema: 2,
  name: "default",
  loopback: "127.0.0.1",
  prefix: "172.30.0",
  k3s: "hollow",
  servers: 1,
  agents: 0,
  hosts: [{ name: "server-1", role: "server", octet: 11, sshPort: 22001, hostKey: "ssh-ed25519 AAAA" }],
};

describe("a lab's state", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it("is read as it was written, and only its owner can read it", () => {
    const paths = labPaths("default", root);
    assert.equal(readState(paths, "default"), undefined);
    writeState(paths, state);
    assert.deepEqual(readState(paths, "default"), state);
    assert.equal(statSync(paths.state).mode & 0o777, 0o600);
  });

  it("of an older version is refused with the way out", () => {
    assert.throws(() => parseState('{"schema":0}', "default"), {
      message:
        "lab default was made by an older version of Groundwork (state schema 0, this version's is 2); " +
        "remove it with 'npx groundwork lab down', then make it anew",
    });
    assert.throws(() => parseState("{}", "ha"), /an older version.*'npx groundwork lab down --name ha'/);
    assert.throws(() => parseState('{"schema":3}', "default"), /a newer version/);
  });

  it("that is damaged is refused with the way out", () => {
    assert.throws(() => parseState("{", "default"), /damaged \(not JSON\); remove it with/);
    assert.throws(() => parseState('{"schema":2,"name":3}', "default"), /damaged \(name\); remove it with/);
  });

  it("is written as a whole: no file is left half done", () => {
    const path = join(root, "a", "file");
    writeFileAtomically(path, "one");
    writeFileAtomically(path, "two");
    assert.equal(readFileSync(path, "utf8"), "two");
    assert.deepEqual(readdirSync(join(root, "a")), ["file"]);
  });
});
