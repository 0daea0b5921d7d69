import * as fs from "node:fs";
import * as path from "node:path";

interface Answers {
  readonly version?: string;
  /** Shell that answers everything but `version`. */
  readonly script?: string;
}

/** A Pulumi that only knows its version, and whatever a test has it do. */
export function fakePulumi(root: string, { version = "v3.265.0", script = "exit 1" }: Answers = {}): void {
  fs.mkdirSync(path.join(root, "bin"), { recursive: true });
  const text = `#!/bin/sh\n[ "$1" = version ] && { echo '${version}'; exit 0; }\n${script}\n`;
  fs.writeFileSync(path.join(root, "bin", "pulumi"), text, { mode: 0o755 });
}
