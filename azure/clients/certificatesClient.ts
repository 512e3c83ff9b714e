/**
 * Certificates of a provisioning service, by ARM. Every step but the first upload carries the last ETag.
 * Source: Azure REST API "Dps Certificate", 2022-12-12.
 */
import { API_VERSIONS, SCOPES } from "../apiVersions";
import { ARM_HOST } from "../hosts";
import { certificateId } from "../resourceIds";
import type { CertificateResponse } from "../wire/dpsCertificate";
import { type ClientOptions, JsonClient } from "./jsonClient";

/** One of the certificates of one provisioning service. */
export class CertificatesClient {
  readonly #client: JsonClient;
  readonly #path: string;
  readonly #label: string;

  /** `provisioningServiceId` is the ARM id; `name` the certificate's name in the service. */
  constructor(provisioningServiceId: string, name: string, options: ClientOptions) {
    this.#client = new JsonClient("arm", `https://${ARM_HOST}`, SCOPES.arm, options);
    this.#path = certificateId(provisioningServiceId, encodeURIComponent(name));
    this.#label = `certificate "${name}"`;
  }

  /** The current certificate; undefined if there is none (or no such service any more). */
  async get(): Promise<CertificateResponse | undefined> {
    const response = await this.#call("GET", "", `read ${this.#label}`, { alsoAccepted: [404] });
    return response.status === 404 ? undefined : (response.body as CertificateResponse);
  }

  /** Uploads. `etag` is required to replace one that is there. `isVerified` true asserts possession of the key. */
  async put(certificatePem: string, isVerified: boolean, etag?: string): Promise<CertificateResponse> {
    const response = await this.#call("PUT", "", `upload ${this.#label}`, {
      body: { properties: { certificate: encode(certificatePem), isVerified } },
      ...(etag === undefined ? {} : { ifMatch: etag }),
    });
    return response.body as CertificateResponse;
  }

  /** Requests a verification code; the response has a new ETag. */
  async generateVerificationCode(etag: string): Promise<CertificateResponse> {
    const response = await this.#call("POST", "/generateVerificationCode", `ask for a code to verify ${this.#label}`, {
      ifMatch: etag,
    });
    return response.body as CertificateResponse;
  }

  /** Proves possession with a leaf whose CN is the code, signed by the certificate's key. */
  async verify(leafPem: string, etag: string): Promise<CertificateResponse> {
    const response = await this.#call("POST", "/verify", `verify ${this.#label}`, {
      ifMatch: etag,
      body: { certificate: encode(leafPem) },
    });
    return response.body as CertificateResponse;
  }

  /** Deletes; already gone is success. */
  async delete(etag: string): Promise<void> {
    await this.#call("DELETE", "", `delete ${this.#label}`, { ifMatch: etag, alsoAccepted: [404] });
  }

  #call(
    method: "GET" | "PUT" | "POST" | "DELETE",
    suffix: string,
    operation: string,
    more: { body?: unknown; ifMatch?: string; alsoAccepted?: readonly number[] },
  ) {
    const path = `${this.#path}${suffix}`;
    return this.#client.send({ method, path, apiVersion: API_VERSIONS.provisioningServices, operation, ...more });
  }
}

/** The API takes the base64 of the file's content. */
const encode = (pem: string): string => Buffer.from(pem, "utf8").toString("base64");
