import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import type { ClientOptions } from "../../azure/clients/jsonClient";
import { VaultCertificatesClient } from "../../azure/clients/vaultCertificatesClient";
import { VaultKeysClient } from "../../azure/clients/vaultKeysClient";
import { VaultSecretsClient } from "../../azure/clients/vaultSecretsClient";
import type { AzureGateway } from "../../providers/handlers/resource/azureGateway";
import type { VaultHarness } from "./vaultHarness";

/** The clients of a gateway for vaults of the local Azure in process: the clients are real. `heard` is called with each path. */
export function vaultGateway(
  harness: VaultHarness,
  heard: (pathname: string) => void = () => undefined,
): Pick<AzureGateway, "pause" | "vaultKeys" | "vaultSecrets" | "vaultCertificates"> {
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const { host, pathname, search } = new URL(request.url);
      heard(pathname);
      const headers = { ...request.headers.toJSON(), host };
      const body = typeof request.body === "string" ? request.body : undefined;
      const response = await harness.send(request.method, `${pathname}${search}`, body, headers);
      const bodyAsText = typeof response.body === "string" ? response.body : JSON.stringify(response.body);
      return { request, status: response.status, headers: createHttpHeaders(), bodyAsText };
    },
  };
  const credential = { getToken: async () => ({ token: harness.token(), expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const options: ClientOptions = { httpClient, credential, retryDelayMs: 1 };
  return {
    pause: async (milliseconds) => harness.services.clock.advance(milliseconds / 1000),
    vaultKeys: (uri) => new VaultKeysClient(uri, options),
    vaultSecrets: (uri) => new VaultSecretsClient(uri, options),
    vaultCertificates: (uri) => new VaultCertificatesClient(uri, options),
  };
}
