import { strict as assert } from "node:assert";
import { PartialError } from "../../providers/handlers/resource/handler";

/** The failure of work that must have got half-way, with the state that it left. */
export async function partial(work: Promise<unknown>): Promise<PartialError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof PartialError, String(error));
  return error;
}
