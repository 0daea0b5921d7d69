import { conformance } from "../engine/conformance/suite";
import { pulumiRoot, realEngineIn } from "../engine/conformance/realEngine";

const root = pulumiRoot();
if (root) conformance("the real engine, on the cases of the lab engine", (directory) => realEngineIn(directory, root));
else {
  describe("the real engine, on the cases of the lab engine", () => {
    it("skipped: no Pulumi CLI is installed", function () {
      this.skip();
    });
  });
}
