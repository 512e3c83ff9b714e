/**
 * Certificates of a provisioning service, by ARM. Every step but the first upload carries the last ETag.
 * Source: Azure REST API "Dps Certificate", 2022-12-12.
 */
import { API_VERSIONS } from "../apiVersions";
import { ARM_HOST } from "../hosts";
import { certificateId } from "../resourceIds";
import type { CertificateResponse } from "../wire/dpsCertificate";
import { type ClientOptions, JsonClient, type JsonRequest } from "./jsonClient";

/** One of the certificates of one provisioning service. */
export class CertificatesClient {
  readonly #client: JsonClient;
  readonly #path: string;
  readonly #label: string;

  /** `provisioningServiceId` is the ARM id; `name` the certificate's name in the service. */
  constructor(provisioningServiceId: string, name: string, options: ClientOptions) {
    this.#client = new JsonClient("arm", `https://${ARM_HOST}`, API_VERSIONS.provisioningServices, options);
    this.#path = certificateId(provisioningServiceId, encodeURIComponent(name));
    this.#label = `certificate "${name}"`;
  }

  /** The current certificate; undefined if there is none (or no such service any more). */
  get(): Promise<CertificateResponse | undefined> {
    return this.#client.read(this.#path, `read ${this.#label}`);
  }

  /** Uploads. `etag` is required to replace one that is there. `isVerified` true asserts possession of the key. */
  put(certificatePem: string, isVerified: boolean, etag?: string): Promise<CertificateResponse> {
    const body = { properties: { certificate: encode(certificatePem), isVerified } };
    return this.#change({ method: "PUT", path: this.#path, ifMatch: etag, body, operation: `upload ${this.#label}` });
  }

  /** Requests a verification code; the response has a new ETag. */
  generateVerificationCode(etag: string): Promise<CertificateResponse> {
    const operation = `ask for a code to verify ${this.#label}`;
    return this.#change({ method: "POST", path: `${this.#path}/generateVerificationCode`, ifMatch: etag, operation });
  }

  /** Proves possession with a leaf whose CN is the code, signed by the certificate's key. */
  verify(leafPem: string, etag: string): Promise<CertificateResponse> {
    const body = { certificate: encode(leafPem) };
    const operation = `verify ${this.#label}`;
    return this.#change({ method: "POST", path: `${this.#path}/verify`, ifMatch: etag, body, operation });
  }

  /** Deletes; already gone is success. */
  async delete(etag: string): Promise<void> {
    await this.#client.remove(this.#path, etag, `delete ${this.#label}`);
  }

  async #change(call: JsonRequest): Promise<CertificateResponse> {
    return (await this.#client.send(call)).body as CertificateResponse;
  }
}

/** The API takes the base64 of the file's content. */
const encode = (pem: string): string => Buffer.from(pem, "utf8").toString("base64");
