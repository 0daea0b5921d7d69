#!/usr/bin/env node
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const [major] = process.versions.node.split(".").map(Number);
if (major < 22) {
  process.stderr.write(`groundwork: needs Node 22 or newer; this is ${process.version}.\n`);
  process.exit(1);
}

// A checkout runs its sources; the published package has them built under dist/ (npm run prepack).
const sources = path.join(__dirname, "..", "cli", "groundwork.ts");
if (fs.existsSync(sources)) {
  require("./typescript.js");
} else {
  const { cacheDirectory, enableCompileCache } = require("./cache.js");
  enableCompileCache(cacheDirectory());
}
const { main } = require(fs.existsSync(sources) ? sources : "../dist/cli/groundwork.js");
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
