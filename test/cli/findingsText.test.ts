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

  it("are what is wrong first, each once with all places, and how many there are", () => {
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
        "✗ node-udp atlas → birch, atlas → cedar: UDP 8472 does not come through",
        "    → open UDP 8472",
        "! clock cedar: its clock is 4 s ahead",
        "    → set it",
        "2 errors, 1 warning, 1 ok",
        "",
      ].join("\n"),
    );
  });

  it("name some of many places, and how many more there are", () => {
    const many = Array.from({ length: 9 }, (_, at) => finding({ where: `n${String(at)}` }));
    assert.match(findingsText(many, { all: false, terminal }), /^✗ node-udp n0, n1, n2, n3, n4, n5 and 3 more: UDP/);
  });

  it("show one that counts less with its reason, right or not", () => {
    const text = findingsText([finding({ check: "clock", level: "ok", where: "cedar", lowered: "no time server" })], {
      all: false,
      terminal,
    });
    assert.equal(
      text,
      [
        "✓ clock cedar: UDP 8472 does not come through",
        "    lowered by preflight.lower.clock: no time server",
        "0 errors, 0 warnings, 1 ok",
        "",
      ].join("\n"),
    );
  });

  it("show all and what was not looked at where that is asked for, and end with the count", () => {
    const well = finding({ check: "memory", level: "ok", message: "8192 MiB", where: undefined, remedy: "" });
    assert.equal(
      findingsText([well], { all: true, unchecked: ["the kubeconfig"], terminal }),
      "✓ memory: 8192 MiB\n? not looked at: the kubeconfig\n0 errors, 0 warnings, 1 ok\n",
    );
  });
});
