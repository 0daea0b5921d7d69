/** What the lab engine tells a person: the message is all there is to show, no stack. */
export class LabEngineError extends Error {
  override readonly name = "LabEngineError";
}
