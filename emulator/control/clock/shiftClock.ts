import type { Operation, Request, Response } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { badRequest } from "../controlErrors";
import { requestObject } from "../requestObject";

function shift(request: Request, { clock }: ControlDependencies): Response {
  const { offsetSeconds } = requestObject(request);
  if (typeof offsetSeconds !== "number" || !Number.isFinite(offsetSeconds) || Math.abs(offsetSeconds) > 1e10) {
    throw badRequest("'offsetSeconds' must be a number of seconds, negative for the past.");
  }
  clock.shift(offsetSeconds);
  return { status: 200, body: { offsetSeconds, now: clock.now().toISOString() } };
}

/** Sets the offset of the clock from the machine's, in seconds. */
export const shiftClock = (deps: ControlDependencies): Operation => ({
  name: "ShiftClock",
  method: "POST",
  path: "/clock",
  handle: (request) => shift(request, deps),
});
