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
  setClientRequestIdPolicy,
  userAgentPolicy,
} from "@azure/core-rest-pipeline";

/** Credential scope and retries. */
export interface JsonPipelineOptions {
  readonly credential: TokenCredential;
  /** OAuth scope of the service. */
  readonly scope: string;
  /** First delay before a retry, milliseconds. */
  readonly retryDelayMs: number;
}

/** Names itself, retries what may be retried four times (Retry-After first), signs in, and logs under AZURE_LOG_LEVEL. */
export function jsonPipeline({ credential, scope, retryDelayMs }: JsonPipelineOptions): Pipeline {
  const retries = { maxRetries: 4, retryDelayInMs: retryDelayMs, maxRetryDelayInMs: 20_000 };
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: "azure-iot-zero-touch" }));
  pipeline.addPolicy(setClientRequestIdPolicy());
  pipeline.addPolicy(defaultRetryPolicy(retries), { phase: "Retry" });
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: scope }));
  pipeline.addPolicy(logPolicy(), { afterPhase: "Sign" });
  return pipeline;
}
