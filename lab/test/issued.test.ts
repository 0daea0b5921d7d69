import assert from "node:assert/strict";
import { unissued } from "../issued";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

/** What kubectl answers for one certificate with these conditions; without any, cert-manager has not looked at it yet. */
function answer(...conditions: readonly Condition[]): string {
  const status = conditions.length === 0 ? {} : { status: { conditions } };
  return JSON.stringify({
    kind: "List",
    items: [{ metadata: { namespace: "apps", name: "web" }, spec: {}, ...status }],
  });
}

const ready = { type: "Ready", status: "True", message: "Certificate is up to date and has not expired" };
const unready = { type: "Ready", status: "False", message: "Issuing certificate as Secret does not exist" };
const failed = { type: "Issuing", status: "False", message: "the last try failed: the order is invalid" };

describe("which certificates a lab waits for", () => {
  it("is none where there is none, or all are issued", () => {
    assert.deepEqual(unissued(JSON.stringify({ items: [] })), []);
    assert.deepEqual(unissued(answer(ready)), []);
  });

  it("leaves out one that is being renewed, for it is valid", () => {
    assert.deepEqual(unissued(answer({ type: "Issuing", status: "True", message: "Renewing certificate" }, ready)), []);
  });

  it("is one that cert-manager has not looked at, and says nothing of it", () => {
    assert.deepEqual(unissued(answer()), [{ name: "apps/web", why: "" }]);
  });

  it("tells what the last try failed with rather than that there is no Secret, in whatever order", () => {
    for (const conditions of [
      [unready, failed],
      [failed, unready],
    ]) {
      assert.deepEqual(unissued(answer(...conditions)), [{ name: "apps/web", why: failed.message }]);
    }
    assert.deepEqual(unissued(answer(unready)), [{ name: "apps/web", why: unready.message }]);
  });
});
