import { GroundworkError } from "../../config/groundworkError";

/** What the lab engine tells a person. */
export class LabEngineError extends GroundworkError {
  override readonly name = "LabEngineError";

  constructor(message: string) {
    super("failed", message);
  }
}
