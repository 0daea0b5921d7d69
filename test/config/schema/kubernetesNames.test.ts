import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { isLabelValue, isQualifiedName, parseTaint } from "../../../config/schema/kubernetesNames";

describe("Kubernetes' grammar of labels and taints", () => {
  it("takes names with and without a prefix", () => {
    const names = ["disk", "example.org/disk", "node-role.kubernetes.io/control-plane", "A", "a_b.c-d", "x".repeat(63)];
    assert.deepEqual(names.filter(isQualifiedName), names);
    const others = ["", "*", "-a", "a-", "a/b/c", "/a", "a/", "Example.org/a", "a..b/c", "a b", "x".repeat(64), "a\n"];
    assert.deepEqual(others.filter(isQualifiedName), []);
  });

  it("takes values that may be empty", () => {
    assert.ok(isLabelValue("") && isLabelValue("true") && isLabelValue("a_b.c-d"));
    assert.deepEqual(["-a", "a-", "*", "a/b", "$(id)", "x".repeat(64), "a\n"].filter(isLabelValue), []);
  });

  it("takes taints apart", () => {
    assert.deepEqual(parseTaint("example.org/gpu=true:NoSchedule"), {
      key: "example.org/gpu",
      value: "true",
      effect: "NoSchedule",
    });
    assert.deepEqual(parseTaint("a:NoExecute"), { key: "a", value: "", effect: "NoExecute" });
    const wrong = [
      "*:NoSchedule",
      "-a=b:NoSchedule",
      "a=*:NoSchedule",
      "a=b=c:NoSchedule",
      "a:Never",
      "a",
      ":NoSchedule",
    ];
    assert.deepEqual(
      wrong.filter((text) => parseTaint(text) !== undefined),
      [],
    );
  });

  it("accepts nothing that a shell would expand or kubectl would read as an option", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (parseTaint(`${text}:NoSchedule`) !== undefined) assert.match(text, /^[A-Za-z0-9][-A-Za-z0-9_./=]*$/);
      }),
    );
  });
});
