/** Waits for a vault that throttles: it names no time, and asks for longer pauses each time ("Azure Key Vault throttling guidance"). */
import { type PipelinePolicy, type RetryStrategy, retryPolicy } from "@azure/core-rest-pipeline";

/** Pauses of 1, 2, 4, 8 and 16 delays, as the guidance has them. */
const MOST_TRIES = 5;

/** A policy that sends a call again after 429 without Retry-After; `delayMs` is the first pause. With the header the pipeline's own does. */
export function throttledPolicy(delayMs: number): PipelinePolicy {
  const strategy: RetryStrategy = {
    name: "throttled",
    retry({ response, retryCount }) {
      if (response?.status !== 429 || response.headers.has("retry-after")) return { skipStrategy: true };
      return { retryAfterInMs: delayMs * 2 ** retryCount };
    },
  };
  return retryPolicy([strategy], { maxRetries: MOST_TRIES });
}
