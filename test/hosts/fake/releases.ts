import { createHash } from "node:crypto";
import type { Page } from "./network";

/** The k3s of a version: a stub that tells the world which version it is. */
export function k3sBinary(version: string): string {
  // What comes after the call is never run: a program's bytes are no text. Longer than a page of memory, so that a disk can fill up in the midst of it.
  const filler = `# ${"k3s ".repeat(25)}\n`.repeat(90);
  return `#!/.stub/real/bash\nstub=k3s\nk3s_version=${version}\n. /.stub/ask\n${filler}# \0 no text\n# end\n`;
}

export function sumOf(version: string): string {
  return createHash("sha256").update(k3sBinary(version)).digest("hex");
}

/** What k3s's download site has, for every version and machine. */
export function release(url: string): Page | undefined {
  const match = /^https:\/\/github\.com\/k3s-io\/k3s\/releases\/download\/([^/]+)\/(.+)$/.exec(url);
  if (match === null) return undefined;
  const version = decodeURIComponent(match[1]!);
  const name = match[2]!;
  if (!name.startsWith("sha256sum-")) return { body: k3sBinary(version) };
  const names = ["k3s", "k3s-arm64", "k3s-armhf"];
  return { body: names.map((one) => `${sumOf(version)}  ${one}\n`).join("") };
}
