import { createHttpHeaders } from "@azure/core-rest-pipeline";
import type { ClientOptions } from "../../../azure/clients/jsonClient";
import type { AzureClient } from "../azureClient";

/** Options of this toolkit's clients that reach a running local Azure from the tests' own process. */
export function localAzureOptions(client: AzureClient): ClientOptions {
  return {
    credential: {
      getToken: async (scopes) => ({
        token: await client.token(String(scopes)),
        expiresOnTimestamp: Date.now() + 3_600_000,
      }),
    },
    httpClient: {
      async sendRequest(request) {
        const headers = request.headers.toJSON();
        const body: unknown = typeof request.body === "string" ? JSON.parse(request.body) : undefined;
        const response = await client.send(request.method, request.url, { headers, body, bearer: null });
        const { status, body: received } = response;
        const bodyAsText = typeof received === "string" ? received : JSON.stringify(received);
        const shown = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        return { request, status, bodyAsText, headers: createHttpHeaders(Object.fromEntries(shown)) };
      },
    },
  };
}
