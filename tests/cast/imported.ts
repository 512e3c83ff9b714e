import { strict as assert } from "node:assert";
import type { Handler, Props } from "../../providers/handlers/resource/handler";

/** The inputs of a program after `check`, which finds no error. */
export async function checked(handler: Handler, news: Props): Promise<Props> {
  const { inputs, failures } = await handler.check({}, news);
  assert.deepEqual(failures, []);
  return inputs;
}

/** Imports what exists, and returns the inputs, the properties, and whether a program of the given inputs changes it. */
export async function imported(handler: Handler, id: string) {
  const found = await handler.import?.(id);
  assert.ok(found?.inputs, `${id} is imported`);
  const { inputs, props } = found;
  const isChangedBy = async (program: Props): Promise<boolean> => {
    const { changes, replaces } = await handler.diff(found.id, props, await checked(handler, program));
    return changes || replaces.length > 0;
  };
  return { id: found.id, inputs, props, isChangedBy };
}
