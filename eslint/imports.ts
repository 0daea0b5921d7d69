import * as fs from "node:fs";
import * as path from "node:path";
import { AST_NODE_TYPES, type TSESLint, type TSESTree } from "@typescript-eslint/utils";
import * as ts from "typescript";

/** The checkout: paths of files are relative to it, with `/`. */
export const ROOT = path.join(__dirname, "..");

/** A file's path in the checkout. */
export function inCheckout(file: string): string {
  return path.relative(ROOT, file).split(path.sep).join("/");
}

/** What an import names, as a path in the checkout without an extension; undefined for a package. */
export function targetOf(file: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? path.posix.join(path.posix.dirname(file), specifier) : undefined;
}

/** The checkout's own files that a file imports; types, `require("…")` and `import("…")` count. */
export function importedFiles(file: string, text: string = fs.readFileSync(path.join(ROOT, file), "utf8")): string[] {
  const targets = ts
    .preProcessFile(text, true, true)
    .importedFiles.map((one) => targetOf(file, one.fileName))
    .filter((target) => target !== undefined);
  return targets.flatMap((target) => {
    const found = [`${target}.ts`, `${target}/index.ts`, target].find(
      (one) => fs.statSync(path.join(ROOT, one), { throwIfNoEntry: false })?.isFile() === true,
    );
    return found === undefined ? [] : [found];
  });
}

/** Calls `visit` with every import of a file: of values and types, re-exports, `require("…")` and `import("…")`. */
export function eachImport(visit: (node: TSESTree.Node, specifier: string) => void): TSESLint.RuleListener {
  const from = (node: TSESTree.Node, source: TSESTree.Node | null | undefined): void => {
    if (source?.type === AST_NODE_TYPES.Literal && typeof source.value === "string") visit(node, source.value);
  };
  return {
    ImportDeclaration: (node) => from(node, node.source),
    ExportNamedDeclaration: (node) => from(node, node.source),
    ExportAllDeclaration: (node) => from(node, node.source),
    ImportExpression: (node) => from(node, node.source),
    TSImportType: (node) => from(node, node.source),
    CallExpression: (node) => {
      const isRequire = node.callee.type === AST_NODE_TYPES.Identifier && node.callee.name === "require";
      if (isRequire) from(node, node.arguments[0]);
    },
  };
}
