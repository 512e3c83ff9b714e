/** The header of requests to the control listener that carries `controlToken` of ready.json. */
export const CONTROL_TOKEN_HEADER = "x-local-azure-token";

/** How to reach a running local Azure: the content of `ready.json` (0600) in its folder. */
export interface Ready {
  readonly pid: number;
  readonly version: string;
  /** `http://127.0.0.1:port` of the CONNECT proxy. */
  readonly proxyUrl: string;
  /** `http://127.0.0.1:port` of the control listener. */
  readonly controlUrl: string;
  /** `127.0.0.1:port`, TLS: ARM, sign-in and metadata without a proxy. */
  readonly metadataHost: string;
  /** New with every start; required by every change on the control listener. */
  readonly controlToken: string;
  /** Absolute path of the local CA's certificate, PEM. */
  readonly caFile: string;
  /** `http://127.0.0.1:port` of managed identity (`/msi/token`) and GitHub's identity tokens (`/github/id-token`). */
  readonly machineUrl: string;
  /** The secret of those two endpoints. */
  readonly identitySecret: string;
  /** Absolute path of the application's client certificate with its private key, PEM. */
  readonly clientCertificateFile: string;
  /** The one tenant and subscription, and the application that signs in there. */
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly objectId: string;
}
