import * as assert from "node:assert/strict";
import { nearest } from "../../../config/schema/nearest";

describe("nearest", () => {
  const known = ["hostKey", "address", "role", "taints", "internalIp"];

  it("finds a key by a slip of the finger", () => {
    assert.equal(nearest("adress", known), "address");
    assert.equal(nearest("rloe", known), "role");
    assert.equal(nearest("taint", known), "taints");
  });

  it("finds a key in another spelling", () => {
    assert.equal(nearest("host-key", known), "hostKey");
    assert.equal(nearest("INTERNAL_IP", known), "internalIp");
  });

  it("finds nothing where nothing is near", () => {
    assert.equal(nearest("xyzzy", known), undefined);
    assert.equal(nearest("", known), undefined);
    assert.equal(nearest("role", []), undefined);
  });
});
