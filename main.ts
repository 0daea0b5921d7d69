import * as pulumi from "@pulumi/pulumi";
import { GroundworkError } from "./config/groundworkError";
import { groundwork } from "./index";

/** The program as the engine runs it: of a `RunError` it prints the message, and no stack trace. */
function program(): ReturnType<typeof groundwork> {
  try {
    // eslint-disable-next-line no-restricted-properties -- the engine gives its own environment to the program
    return groundwork(undefined, process.env["SSH_AUTH_SOCK"]);
  } catch (error) {
    throw GroundworkError.isInstance(error) ? new pulumi.RunError(error.message) : error;
  }
}

// Pulumi calls an exported function and takes what it returns as the stack's outputs.
module.exports = program;
