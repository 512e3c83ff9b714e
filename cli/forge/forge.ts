import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import { SetupError } from "../../bootstrap/setupError.cjs";

/** Where a report is posted: one comment of a pull request, or one issue, edited in place at every run. */
export interface Forge {
  readonly name: string;
  /** Writes the comment that begins with the marker: edits the existing one, or creates it. */
  comment(marker: string, text: string): Promise<"created" | "edited">;
  /** The same for an open issue. Where it is undefined, the forge has no issues that this knows of. */
  issue?(marker: string, title: string, text: string): Promise<"created" | "edited">;
  /** Closes the open issue of the marker with the text; `none` where there is none. */
  closeIssue?(marker: string, text: string): Promise<"closed" | "none">;
}

/** A request to a forge's API. */
export interface ForgeRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Milliseconds that one response may take. */
const TIMEOUT_MS = 30_000;

/** Only a server on this machine may be spoken to without TLS: there is a token in every request. */
const isLoopback = (url: string): boolean => /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/]/.test(url);

/** Sends through the proxy that the environment names. A comment is not posted twice: only that is not tried again. */
function send({ method, url, headers, body }: ForgeRequest): Promise<PipelineResponse> {
  const pipeline = createPipelineFromOptions({
    userAgentOptions: { userAgentPrefix: "azure-iot-zero-touch" },
    retryOptions: { maxRetries: method === "POST" ? 0 : 2, retryDelayInMs: 200 },
  });
  const request = createPipelineRequest({
    ...{ method, url, allowInsecureConnection: isLoopback(url) },
    // The pipeline's own time-out keeps the process alive until it has passed, with a response or without.
    abortSignal: AbortSignal.timeout(TIMEOUT_MS),
    headers: createHttpHeaders({ accept: "application/json", "content-type": "application/json", ...headers }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return pipeline.sendRequest(createDefaultHttpClient(), request);
}

/**
 * Calls the forge; returns the JSON. Errors: SetupError FORGE_UNREACHABLE, and FORGE_REFUSED with the forge's message. Neither
 * shows a header: the token is one.
 */
export async function call<R>(forge: string, request: ForgeRequest): Promise<R> {
  const { host, pathname } = new URL(request.url);
  let response: PipelineResponse;
  try {
    response = await send(request);
  } catch (cause) {
    const why = `${request.method} ${host}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new SetupError("FORGE_UNREACHABLE", `${forge} does not respond.`, why, "run this step again", { cause });
  }
  const text = response.bodyAsText ?? "";
  if (response.status < 200 || response.status > 299) {
    const why = `${request.method} ${pathname}: ${response.status} ${text.slice(0, 300)}`;
    throw new SetupError("FORGE_REFUSED", `${forge} refused the report.`, why, [
      "give the job the permissions that docs/pull-requests.md names",
    ]);
  }
  return (text === "" ? {} : JSON.parse(text)) as R;
}

/** A variable that the pipeline sets. Errors: SetupError NO_PIPELINE naming it. */
export function needed(env: NodeJS.ProcessEnv, name: string, forge: string): string {
  const value = env[name];
  if (value !== undefined && value !== "") return value;
  throw new SetupError(
    "NO_PIPELINE",
    `The variable ${name} is not set.`,
    `${forge} needs it to find the pull request.`,
    ["run this in a job of a pull request, as docs/pull-requests.md shows"],
  );
}
