import assert from "node:assert/strict";
import { clockFindings } from "../../../operate/preflight/clocks";

describe("the clocks of a site", () => {
  const at = (name: string, ahead: number, within = 0.1) => ({ name, ahead, within });
  const shown = (...readings: ReturnType<typeof at>[]): string[] =>
    clockFindings(readings).map(({ where, level, message }) => `${level} ${where ?? "all"}: ${message}`);

  it("agree, whatever the clock of the machine that asks", () => {
    assert.deepEqual(shown(at("s1", 3600), at("s2", 3600.4), at("s3", 3599.9)), [
      "ok all: the clocks of 3 hosts agree to 0.5 s",
    ]);
  });

  it("are not compared where there is one", () => {
    assert.deepEqual(shown(at("s1", 3600)), []);
  });

  it("name the one that the others do not agree with", () => {
    assert.deepEqual(shown(at("s1", 7200), at("s2", 0), at("s3", 0.2)), ["error s1: its clock is 2 h ahead of s2's"]);
  });

  it("name of two the one that is further from the machine that asks", () => {
    assert.deepEqual(shown(at("s1", -5400), at("s2", 1)), ["error s1: its clock is 90 min behind s2's"]);
  });

  it("are a warning from where etcd complains, and nothing as long as a slow answer may be the cause", () => {
    assert.deepEqual(shown(at("s1", 0), at("s2", 0), at("s3", 4)), ["warning s3: its clock is 4.0 s ahead of s1's"]);
    assert.deepEqual(shown(at("s1", 0), at("s2", 0), at("s3", 4, 3)), ["ok all: the clocks of 3 hosts agree to 4.0 s"]);
  });
});
