import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import { EnrollmentClient, serviceClient } from "../../azure/clients/enrollmentClient";
import { EnrollmentListClient } from "../../azure/clients/enrollmentListClient";
import type { AzureGateway } from "../../providers/handlers/resource/azureGateway";
import type { DataPlane } from "./dataPlane";
import { type FakeAzure, fakeGateway } from "./fakeGateway";

/** The operation that a request of the service API is, and its parameters. */
function routed(method: string, path: string): { readonly name: string; readonly params: Record<string, string> } {
  const [, id, below] = /^\/enrollments(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(decodeURIComponent(path)) ?? [];
  const params: Record<string, string> = id === undefined || id === "query" ? {} : { id };
  if (below === "attestationmechanism") return { name: "IndividualEnrollment_GetAttestationMechanism", params };
  if (method === "POST")
    return { name: `IndividualEnrollment_${id === "query" ? "Query" : "RunBulkOperation"}`, params };
  const operation = method === "GET" ? "Get" : method === "DELETE" ? "Delete" : "CreateOrUpdate";
  return { name: `IndividualEnrollment_${operation}`, params };
}

/** A gateway whose individual enrollments are those of the local DPS in process: the clients are real, HTTP is left out. */
export function dpsGateway(plane: DataPlane, azure: FakeAzure): AzureGateway {
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const { pathname } = new URL(request.url);
      const { name, params } = routed(request.method, pathname);
      azure.calls.push(`${request.method} ${pathname}`);
      const headers = Object.fromEntries([...request.headers].filter(([header]) => header !== "authorization"));
      const body: unknown = typeof request.body === "string" ? JSON.parse(request.body) : undefined;
      const response = await plane.ask(name, { params, headers, body });
      const bodyAsText = response.body === undefined ? "" : JSON.stringify(response.body);
      return { request, status: response.status, headers: createHttpHeaders({ ...response.headers }), bodyAsText };
    },
  };
  const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const client = serviceClient("dps-1.azure-devices-provisioning.net", { httpClient, credential, retryDelayMs: 1 });
  return {
    ...fakeGateway(azure),
    individualEnrollment: (_endpoint, id) => new EnrollmentClient("individual", client, id),
    enrollmentList: () => new EnrollmentListClient(client),
  };
}
