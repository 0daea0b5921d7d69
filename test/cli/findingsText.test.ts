import assert from "node:assert/strict";
import { findingsText } from "../../cli/findingsText";
import type { Finding } from "../../operate/finding";
import { plainPaint } from "../../plan/render/paint";

describe("findings for people", () => {
  const terminal = { paint: plainPaint, width: 100 };
  const finding = (changes: Partial<Finding>): Finding => ({
    check: "node-udp",
    where: "atlas → birch",
    level: "error",
    message: "UDP 8472 does not come through",
    remedy: "open UDP 8472",
    ...changes,
  });

  it("are what is wrong first, each once with all places, and how much was right", () => {
    const text = findingsText(
      [
        finding({ check: "memory", level: "ok", message: "8192 MiB", where: "atlas", remedy: "" }),
        finding({
          check: "clock",
          level: "warning",
          message: "its clock is 4 s ahead",
          where: "cedar",
          remedy: "set it",
        }),
        finding({}),
        finding({ where: "atlas → cedar" }),
      ],
      { all: false, terminal },
    );
    assert.equal(
      text,
      [
        "error   atlas → birch, atlas → cedar: UDP 8472 does not come through [node-udp]",
        "        open UDP 8472",
        "",
        "warning cedar: its clock is 4 s ahead [clock]",
        "        set it",
        "",
        "2 errors, 1 warning, 1 right",
        "",
      ].join("\n"),
    );
  });

  it("name some of many places, and how many more there are", () => {
    const many = Array.from({ length: 9 }, (_, at) => finding({ where: `n${String(at)}` }));
    assert.match(findingsText(many, { all: false, terminal }), /^error {3}n0, n1, n2, n3, n4, n5 and 3 more: UDP/);
  });

  it("show one that counts less with its reason, right or not", () => {
    const text = findingsText([finding({ check: "clock", level: "ok", where: "cedar", lowered: "no time server" })], {
      all: false,
      terminal,
    });
    assert.equal(
      text,
      [
        "ok      cedar: UDP 8472 does not come through [clock]",
        "        lowered by preflight.lower.clock: no time server",
        "",
        "0 errors, 0 warnings, 1 right",
        "",
      ].join("\n"),
    );
  });
});
