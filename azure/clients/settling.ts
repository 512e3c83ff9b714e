/** Waits for a service that is in the middle of another change, as one that was just linked to a hub is. */
import type { PipelinePolicy, PipelineResponse, RetryStrategy } from "@azure/core-rest-pipeline";
import { retryPolicy } from "@azure/core-rest-pipeline";
import { readFailure } from "./azureError";

/** How often a refused call is sent again; with the default delay that is five minutes, longer than Azure is seen to take. */
const MOST_TRIES = 60;

/** Microsoft.Devices' words and number for a service that takes no change now (azurerm#21463). */
const NOT_SETTLED = /\btransitioning\b|not in (?:an )?active state/i;

function isUnsettled(response: PipelineResponse | undefined): boolean {
  if (response?.status !== 409) return false;
  const { code, said } = readFailure(409, response.bodyAsText ?? "");
  return code === "409002" || NOT_SETTLED.test(said ?? "");
}

/**
 * A policy that repeats a request while the response is "Transitioning", `delayMs` later each time (milliseconds) or after
 * the time in Retry-After. Any other 409 is the caller's.
 */
export function settlingPolicy(delayMs: number): PipelinePolicy {
  const strategy: RetryStrategy = {
    name: "settling",
    retry({ response }) {
      if (!isUnsettled(response)) return { skipStrategy: true };
      const seconds = Number(response?.headers.get("retry-after") ?? Number.NaN);
      return { retryAfterInMs: Number.isFinite(seconds) ? seconds * 1000 : delayMs };
    },
  };
  return retryPolicy([strategy], { maxRetries: MOST_TRIES });
}
