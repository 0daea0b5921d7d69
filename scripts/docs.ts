import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { configurationReference, projectConfig } from "./configurationReference";

const ROOT = join(__dirname, "..");

/** What `npm run docs` writes, by file. */
export function generatedFiles(): Record<string, string> {
  const project = parseDocument(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8"));
  project.set("config", project.createNode(projectConfig()));
  return {
    "docs/configuration.md": configurationReference(),
    "Pulumi.yaml": project.toString({ lineWidth: 0 }),
  };
}

if (require.main === module) {
  mkdirSync(join(ROOT, "docs"), { recursive: true });
  for (const [file, text] of Object.entries(generatedFiles())) writeFileSync(join(ROOT, file), text);
}
