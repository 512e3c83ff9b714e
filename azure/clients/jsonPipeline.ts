/**
 * The SDK's pipeline with what JSON calls need of it. The SDK's own default has policies for forms, multipart bodies,
 * compression, redirects and tracing besides, which nothing here uses and each call of a thousand would pay for.
 */
import type { TokenCredential } from "@azure/core-auth";
import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  defaultRetryPolicy,
  logPolicy,
  type Pipeline,
  type PipelineResponse,
  type RetryStrategy,
  retryPolicy,
  setClientRequestIdPolicy,
  userAgentPolicy,
} from "@azure/core-rest-pipeline";
import { SCOPES } from "../apiVersions";
import { readFailure } from "./azureError";

/** The services that JSON calls go to. */
export type JsonService = keyof typeof SCOPES;

/** Service, credential and retries. */
export interface JsonPipelineOptions {
  readonly service: JsonService;
  readonly credential: TokenCredential;
  /** First delay before a retry, milliseconds. */
  readonly retryDelayMs: number;
}

/** Microsoft.Devices' words and number for a service that takes no change now (azurerm#21463). */
const NOT_SETTLED = /\btransitioning\b|not in (?:an )?active state/i;

function isUnsettled(response: PipelineResponse | undefined): boolean {
  if (response?.status !== 409) return false;
  const { code, said } = readFailure(409, response.bodyAsText ?? "");
  return code === "409002" || NOT_SETTLED.test(said ?? "");
}

/**
 * Waits for a service that is in the middle of another change, as one that was just linked to a hub is: `delayMs` each time
 * (milliseconds), or the time in Retry-After. Any other 409 is the caller's.
 */
const settling = (delayMs: number): RetryStrategy => ({
  name: "settling",
  retry({ response }) {
    if (!isUnsettled(response)) return { skipStrategy: true };
    const seconds = Number(response?.headers.get("retry-after") ?? Number.NaN);
    return { retryAfterInMs: Number.isFinite(seconds) ? seconds * 1000 : delayMs };
  },
});

/**
 * Waits for a vault that throttles without Retry-After: 1, 2, 4, 8 and 16 delays ("Azure Key Vault throttling guidance").
 * With the header the pipeline's own retries apply.
 */
const throttled = (delayMs: number): RetryStrategy => ({
  name: "throttled",
  retry({ response, retryCount }) {
    if (response?.status !== 429 || response.headers.has("retry-after")) return { skipStrategy: true };
    return { retryAfterInMs: delayMs * 2 ** retryCount };
  },
});

/** Names itself, signs in, and logs under AZURE_LOG_LEVEL. */
export function basePipeline(service: JsonService, credential: TokenCredential): Pipeline {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: "azure-iot-zero-touch" }));
  pipeline.addPolicy(setClientRequestIdPolicy());
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: SCOPES[service] }));
  pipeline.addPolicy(logPolicy(), { afterPhase: "Sign" });
  return pipeline;
}

/** Names itself, retries what may be retried four times (Retry-After first), signs in, and logs under AZURE_LOG_LEVEL. */
export function jsonPipeline({ service, credential, retryDelayMs }: JsonPipelineOptions): Pipeline {
  const retries = { maxRetries: 4, retryDelayInMs: retryDelayMs, maxRetryDelayInMs: 20_000 };
  const pipeline = basePipeline(service, credential);
  pipeline.addPolicy(defaultRetryPolicy(retries), { phase: "Retry" });
  // With the default delay 60 retries are five minutes, longer than Azure is seen to take.
  const own = {
    arm: retryPolicy([settling(retryDelayMs * 5)], { maxRetries: 60 }),
    vault: retryPolicy([throttled(retryDelayMs)], { maxRetries: 5 }),
  };
  if (service === "arm" || service === "vault") pipeline.addPolicy(own[service], { phase: "Retry" });
  return pipeline;
}
