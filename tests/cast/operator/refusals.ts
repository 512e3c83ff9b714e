import { strict as assert } from "node:assert";
import { OperatorError, type OperatorErrorCode } from "../../../operator/operatorError";

/** Expects an OperatorError of this code, with a text that matches; returns it. */
export async function refused(work: Promise<unknown>, code: OperatorErrorCode, text?: RegExp): Promise<OperatorError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof OperatorError, String(error));
    assert.equal(error.code, code, error.message);
    if (text !== undefined) assert.match(error.describe(), text);
    return error;
  }
  return assert.fail(`not refused with ${code}`);
}
