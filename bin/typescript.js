"use strict";
/**
 * Runs the TypeScript of this package as it lies there, without a build: each file is transpiled once and kept under
 * node_modules/.cache/groundwork by its content, so that a changed file (or another revision's) can never meet a stale
 * result, and only the first run pays. Types are not checked here; `npm run check:types` does that.
 */
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { cacheDirectory, enableCompileCache } = require("./cache.js");

const COMPILER_OPTIONS = { target: "es2023", module: "commonjs", esModuleInterop: false, inlineSourceMap: true };

function register() {
  // The tests have a loader of their own, with default imports; what they load later must not lose it.
  if (process[Symbol.for("ts-node.register.instance")] !== undefined) return;
  const directory = cacheDirectory();
  enableCompileCache(directory);
  const { version } = require("typescript/package.json");
  const salt = JSON.stringify([version, COMPILER_OPTIONS]);

  require.extensions[".ts"] = (module, file) => {
    const source = fs.readFileSync(file, "utf8");
    module._compile(transpiled(source, file, salt, directory), file);
  };
}

function transpiled(source, file, salt, directory) {
  const name = path.basename(file, ".ts");
  const key = crypto
    .createHash("sha256")
    .update(salt)
    .update("\0")
    .update(name)
    .update("\0")
    .update(source)
    .digest("hex");
  const kept = directory === undefined ? undefined : path.join(directory, `${name}-${key.slice(0, 32)}.js`);
  if (kept !== undefined) {
    try {
      return fs.readFileSync(kept, "utf8");
    } catch {
      // Not there yet: made below.
    }
  }
  const { outputText } = require("typescript").transpileModule(source, {
    fileName: path.basename(file),
    compilerOptions: COMPILER_OPTIONS,
  });
  if (kept !== undefined) keep(kept, outputText);
  return outputText;
}

/** Writes whole or not at all: several processes may fill the cache at once. */
function keep(file, text) {
  const partial = `${file}.${process.pid}`;
  try {
    fs.writeFileSync(partial, text);
    fs.renameSync(partial, file);
  } catch {
    fs.rmSync(partial, { force: true });
  }
}

register();
