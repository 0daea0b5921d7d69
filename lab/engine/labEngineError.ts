import { GroundworkError } from "../../config/groundworkError";

/** What the lab engine tells a person: the message is all there is to show, no stack. */
export class LabEngineError extends GroundworkError {
  override readonly name: string = "LabEngineError";

  constructor(message: string) {
    super("failed", message);
  }
}
