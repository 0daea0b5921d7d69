import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { measureIn } from "../../../config/read/measure";
import { temporaryDirectory } from "../../../process/temporaryDirectory";

describe("a file that is measured", () => {
  const here = temporaryDirectory();
  after(() => here.remove());
  const put = (name: string, content: string | Buffer): void => writeFileSync(join(here.path, name), content);

  it("has its size, its sum, and the path that whoever uploads it needs", () => {
    put("archive.tar", "text");
    const sha256 = createHash("sha256").update("text").digest("hex");
    const all = { bytes: 4, sha256, builtFor: undefined };
    assert.deepEqual(measureIn(here.path)("archive.tar"), { ...all, source: "archive.tar" });
    const source = join(here.path, "archive.tar");
    assert.deepEqual(measureIn(here.path, "absolute")("archive.tar"), { ...all, source });
  });

  it("is looked at again where its content changed", () => {
    const measure = measureIn(here.path);
    put("changes.tar", "one");
    const before = measure("changes.tar");
    put("changes.tar", "another");
    assert.notDeepEqual(measure("changes.tar"), before);
  });

  it("says what machine a program is for", () => {
    const program = (machine: number): Buffer => {
      const header = Buffer.alloc(64);
      header.write("\x7fELF", "latin1");
      header.writeUInt16LE(machine, 18);
      return header;
    };
    for (const [machine, expected] of [
      [62, "amd64"],
      [183, "arm64"],
      [40, "arm"],
      [243, undefined],
    ] as const) {
      put(`k3s-${machine}`, program(machine));
      const found = measureIn(here.path)(`k3s-${machine}`);
      assert.ok(typeof found === "object");
      assert.equal(found.builtFor, expected);
    }
  });

  it("is told why it cannot be used", () => {
    put("empty.tar", "");
    mkdirSync(join(here.path, "folder"));
    const measure = measureIn(here.path);
    const at = (name: string): string => join(here.path, name);
    assert.equal(measure("empty.tar"), `${at("empty.tar")} is empty`);
    assert.equal(measure("folder"), `${at("folder")} is no file`);
    assert.equal(measure("none"), `${at("none")} is not there`);
  });
});
