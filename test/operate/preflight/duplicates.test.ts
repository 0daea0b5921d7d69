import assert from "node:assert/strict";
import { duplicateFindings } from "../../../operate/preflight/duplicates";
import { nodes } from "../../program";
import { siteOf } from "./inspections";

describe("what every host has of its own", () => {
  it("is told to be so where it is", () => {
    const { inspections } = siteOf();
    assert.deepEqual(
      duplicateFindings(inspections).map(({ check, level }) => `${level} ${check}`),
      ["ok machine-id", "ok host-key", "ok hostname"],
    );
  });

  it("is named with the other one where a machine is a clone", () => {
    const list = nodes("server:s1", "agent:a1", "agent:a2");
    const cloned = list.map((node) => ({
      ...node,
      hostKey: node["name"] === "s1" ? node["hostKey"] : "ssh-ed25519 X",
    }));
    const { inspections } = siteOf({ nodes: cloned }, (name) =>
      name === "s1"
        ? { initiator: "its own" }
        : { machineId: "one", hostname: "debian", initiator: "iqn.1993-08.org.debian" },
    );
    assert.deepEqual(
      duplicateFindings(inspections).map(
        ({ check, where, level, message }) => `${level} ${check} ${where ?? ""}: ${message}`,
      ),
      [
        "error machine-id a2: it has the machine id of a1",
        "warning host-key a2: it has the SSH host key of a1",
        "warning hostname a2: it has the host name of a1",
        "error initiator a2: it has the iSCSI initiator's name of a1",
      ],
    );
  });
});
