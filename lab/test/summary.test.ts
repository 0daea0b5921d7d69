import assert from "node:assert/strict";
import { summaryLines } from "../summary";

const MARK = "==== groundwork ====\n";
const NODES = "NAME       STATUS   ROLES\nserver-1   Ready    control-plane,etcd   \n";

describe("what a lab shows of its cluster", () => {
  it("is a word where there is nothing: no empty table, and no error about a resource that nobody installed", () => {
    const releases = "NAMESPACE   RELEASE   REVISION   STATUS\n";
    assert.deepEqual(summaryLines([NODES, releases, "", ""].join(MARK)), [
      "",
      "Nodes:",
      "  NAME       STATUS   ROLES",
      "  server-1   Ready    control-plane,etcd",
      "",
      "Releases:",
      "  none",
      "",
      "Issuers:",
      "  none",
      "",
      "Certificates:",
      "  none",
    ]);
  });

  it("is every answer as kubectl gives it, errors too", () => {
    const releases = "NAMESPACE        RELEASE\ncert-manager     cert-manager\n";
    const failed = "error: the server is currently unable to handle the request\n";
    assert.deepEqual(summaryLines([NODES, releases, failed].join(MARK)).slice(5), [
      "Releases:",
      "  NAMESPACE        RELEASE",
      "  cert-manager     cert-manager",
      "",
      "Issuers:",
      "  error: the server is currently unable to handle the request",
      "",
      "Certificates:",
      "  none",
    ]);
  });
});
