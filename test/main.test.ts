import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

describe("main.ts", () => {
  afterEach(() => {
    pulumi.runtime.setAllConfig({}, []);
  });

  it("exports the program, whose wrong settings Pulumi prints without a stack trace", async () => {
    await pulumi.runtime.setMocks(
      { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
      "groundwork",
      "dev",
    );
    pulumi.runtime.setAllConfig({ "groundwork:rollot": "{}" }, []);
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as Pulumi loads it: it exports a function
    const program = require("../main") as () => unknown;
    assert.throws(program, (error) => {
      assert.ok(pulumi.RunError.isInstance(error));
      assert.match(error.message, /^The settings of stack 'dev' have 2 problems:\n {2}rollot: is not a setting/);
      return true;
    });
  });
});
