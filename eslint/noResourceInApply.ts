import { ASTUtils, AST_NODE_TYPES, ESLintUtils, type TSESLint, type TSESTree } from "@typescript-eslint/utils";
import type * as ts from "typescript";

type FunctionNode = TSESTree.ArrowFunctionExpression | TSESTree.FunctionDeclaration | TSESTree.FunctionExpression;
type Context = Readonly<TSESLint.RuleContext<"resource" | "lookup", []>>;

/** The file that declares the class that every Pulumi resource extends. */
const SDK_RESOURCE = "/@pulumi/pulumi/resource.d.ts";

/** A resource that the file registers: `new Bucket(…)`, or `Bucket.get(…)` of an existing one. */
interface Registration {
  readonly node: TSESTree.NewExpression | TSESTree.CallExpression;
  readonly messageId: "resource" | "lookup";
}

/**
 * Reports Pulumi resources that are registered inside an `apply` callback: while the input is unknown the callback does
 * not run, so a preview does not show them, and their dependencies are lost. Functions of the same file that such a
 * callback calls, at any depth, count as part of it.
 */
export const noResourceInApply = ESLintUtils.RuleCreator.withoutDocs<[], "resource" | "lookup">({
  meta: {
    type: "problem",
    docs: { description: "Disallow Pulumi resources that are registered inside apply" },
    messages: {
      resource:
        "{{name}} is created inside apply: a preview with an unknown value does not show it. " +
        "Create it outside and pass the Output as an input.",
      lookup:
        "{{name}}.get is called inside apply: a preview with an unknown value does not show it. " +
        "Call it outside and pass the Output as the id.",
    },
    schema: [],
    defaultOptions: [],
  },
  create(context) {
    const services = ESLintUtils.getParserServices(context);
    const checker = services.program.getTypeChecker();
    const registrations: Registration[] = [];
    const callbacks: FunctionNode[] = [];
    const calls: TSESTree.CallExpression[] = [];

    return {
      NewExpression(node): void {
        if (isResource(services.getTypeAtLocation(node), checker)) registrations.push({ node, messageId: "resource" });
      },
      CallExpression(node): void {
        calls.push(node);
        const { callee } = node;
        if (callee.type !== AST_NODE_TYPES.MemberExpression) return;
        const name = ASTUtils.getPropertyName(callee);
        const receiver = services.getTypeAtLocation(callee.object);
        if (name === "get" && receiver.getConstructSignatures().length > 0) {
          if (isResource(services.getTypeAtLocation(node), checker)) registrations.push({ node, messageId: "lookup" });
        }
        if (name === "apply" && isOutput(receiver)) {
          const callback = node.arguments[0];
          const body = callback === undefined ? undefined : functionBehind(callback, context);
          if (body !== undefined) callbacks.push(body);
        }
      },
      "Program:exit"(): void {
        const inApply = reachable(callbacks, calls, context);
        for (const { node, messageId } of registrations) {
          if (!enclosingFunctions(node).some((one) => inApply.has(one))) continue;
          context.report({ node, messageId, data: { name: registeredName(node, context) } });
        }
      },
    };
  },
});

/** The callbacks and every function of the file that they call, directly or through one another. */
function reachable(
  callbacks: readonly FunctionNode[],
  calls: readonly TSESTree.CallExpression[],
  context: Context,
): Set<FunctionNode> {
  const found = new Set(callbacks);
  const queue = [...callbacks];
  for (let current = queue.pop(); current !== undefined; current = queue.pop()) {
    for (const call of calls) {
      if (!enclosingFunctions(call).includes(current)) continue;
      const called = functionBehind(call.callee, context);
      if (called === undefined || found.has(called)) continue;
      found.add(called);
      queue.push(called);
    }
  }
  return found;
}

/** The function that an expression is or names: a literal, a `function`, or a `const` that holds one. */
function functionBehind(node: TSESTree.Node, context: Context): FunctionNode | undefined {
  if (isFunction(node)) return node;
  if (node.type !== AST_NODE_TYPES.Identifier) return undefined;
  const definition = ASTUtils.findVariable(context.sourceCode.getScope(node), node)?.defs[0]?.node;
  if (definition === undefined) return undefined;
  if (definition.type === AST_NODE_TYPES.FunctionDeclaration) return definition;
  if (definition.type !== AST_NODE_TYPES.VariableDeclarator || definition.init === null) return undefined;
  return isFunction(definition.init) ? definition.init : undefined;
}

function enclosingFunctions(node: TSESTree.Node): FunctionNode[] {
  const functions: FunctionNode[] = [];
  // A program's parent is null at run time, whatever its type says.
  const parentOf = (child: TSESTree.Node): TSESTree.Node | null | undefined => child.parent;
  let current = parentOf(node);
  while (current !== undefined && current !== null) {
    if (isFunction(current)) functions.push(current);
    current = parentOf(current);
  }
  return functions;
}

function isFunction(node: TSESTree.Node): node is FunctionNode {
  return (
    node.type === AST_NODE_TYPES.ArrowFunctionExpression ||
    node.type === AST_NODE_TYPES.FunctionExpression ||
    node.type === AST_NODE_TYPES.FunctionDeclaration
  );
}

/** Whether a type is a Pulumi resource: its class, or one that it extends, is `Resource` of @pulumi/pulumi. */
function isResource(type: ts.Type, checker: ts.TypeChecker): boolean {
  if (type.isUnionOrIntersection()) return type.types.some((one) => isResource(one, checker));
  const symbol = type.getSymbol();
  if (symbol === undefined) return false;
  const files = (symbol.declarations ?? []).map((one) => one.getSourceFile().fileName);
  if (symbol.name === "Resource" && files.some((file) => file.endsWith(SDK_RESOURCE))) return true;
  // The declared type: a generic class's instance has no base types of its own.
  return (checker.getDeclaredTypeOfSymbol(symbol).getBaseTypes() ?? []).some((base) => isResource(base, checker));
}

/** Whether a type is an `Output`: an intersection of the SDK's `OutputInstance` and the lifted properties. */
function isOutput(type: ts.Type): boolean {
  if (type.isUnionOrIntersection()) return type.types.some(isOutput);
  return type.getSymbol()?.name === "OutputInstance";
}

function registeredName(node: Registration["node"], context: Context): string {
  const named =
    node.callee.type === AST_NODE_TYPES.MemberExpression && node.type === AST_NODE_TYPES.CallExpression
      ? node.callee.object
      : node.callee;
  return context.sourceCode.getText(named);
}
