import { closeLanes } from "../host";
import { whyNot } from "../sandbox/lane";

/** Tests that need the sandbox: skipped with the reason where there is none, and failed in CI. */
export function onHosts(title: string, tests: () => void): void {
  describe(title, function () {
    this.timeout(180_000);
    before(function () {
      const reason = whyNot();
      if (reason === undefined) return;
      // Where work is decided upon (.ci/run), a suite that shows nothing must not look like one that passed.
      if (process.env["GROUNDWORK_HOST_TESTS"] === "required") {
        throw new Error(`the sandbox of host tests cannot be had: ${reason}`);
      }
      console.log(`      skipped: ${reason}`);
      this.skip();
    });
    after(closeLanes);
    tests();
  });
}
