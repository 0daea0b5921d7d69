import { groundwork } from "./index";

// Pulumi calls an exported function and takes what it returns as the stack's outputs.
module.exports = groundwork;
