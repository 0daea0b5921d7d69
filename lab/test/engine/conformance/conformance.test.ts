import { join } from "node:path";
import { DeploymentFailed, labEngine } from "../../../engine/engine";
import { conformance } from "./suite";

conformance("the lab engine, on the cases of the real one", async (directory) => ({
  run: async (does, program) => {
    const stateFile = join(directory, "state.json");
    const engine = labEngine({
      stack: "lab",
      program,
      config: {},
      stateFile,
      passphrase: "lab",
      print: () => undefined,
    });
    try {
      const { operations, outputs } = await engine[does]();
      const changed = operations.filter(({ operation, type }) => operation !== "same" && !type.startsWith("pulumi:"));
      return { operations: changed.map(({ operation, name }) => `${operation} ${name}`), outputs };
    } catch (error) {
      if (!(error instanceof DeploymentFailed)) throw error;
      return { operations: [], outputs: {}, failure: error.message };
    }
  },
}));
