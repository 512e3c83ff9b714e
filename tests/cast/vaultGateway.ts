import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import type { ClientOptions } from "../../azure/clients/jsonClient";
import { VaultCertificatesClient } from "../../azure/clients/vaultCertificatesClient";
import { VaultKeysClient } from "../../azure/clients/vaultKeysClient";
import { VaultSecretsClient } from "../../azure/clients/vaultSecretsClient";
import type { AzureGateway } from "../../providers/handlers/resource/azureGateway";
import type { VaultHarness } from "./vaultHarness";

/** Options of real clients for vaults of the local Azure in process. `heard` is called with each path. */
export function vaultClientOptions(
  harness: VaultHarness,
  heard: (pathname: string) => void = () => undefined,
): ClientOptions {
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
  return { httpClient, credential, retryDelayMs: 1 };
}

/** The clients of a gateway for vaults of the local Azure in process: the clients are real. */
export function vaultGateway(
  harness: VaultHarness,
  heard?: (pathname: string) => void,
): Pick<AzureGateway, "pause" | "vaultKeys" | "vaultSecrets" | "vaultCertificates"> {
  const options = vaultClientOptions(harness, heard);
  return {
    pause: async (milliseconds) => harness.services.clock.advance(milliseconds / 1000),
    vaultKeys: (uri) => new VaultKeysClient(uri, options),
    vaultSecrets: (uri) => new VaultSecretsClient(uri, options),
    vaultCertificates: (uri) => new VaultCertificatesClient(uri, options),
  };
}
