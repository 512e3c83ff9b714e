import { withoutSecrets } from "../transcript/redaction";

/** Who refused a request to the Blob service, or why none of them responded. */
type Refuser =
  | "service" // Azure Blob Storage, or Azurite
  | "localAzure" // the local Azure, which has no storage of its own
  | "gateway" // a proxy or another server on the way
  | "signIn" // the sign-in with Entra ID, so nothing was sent to the storage account
  | "name" // the host's name has no address
  | "tls" // the certificate of the server, or the handshake
  | "network"; // no connection, or no response

/** What matters of an error of the Blob service or of the way to it. */
export interface BlobFailure {
  /** Undefined where no response came. */
  readonly status?: number;
  /** Such as `ConditionNotMet` or `ENOTFOUND`. */
  readonly code: string;
  /** One line without secrets. */
  readonly message: string;
  readonly refuser: Refuser;
  /** The remedy in the response: the local Azure's errors have one. */
  readonly remedy?: string;
}

/** The members that are read of the SDK's RestError and of the identity library's errors. */
interface SdkError {
  readonly name?: string;
  readonly statusCode?: number;
  readonly code?: string;
  readonly details?: { readonly errorCode?: string };
  readonly message?: string;
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

/** Errors of `@azure/identity`. */
const SIGN_IN =
  /^(CredentialUnavailableError|AuthenticationError|AuthenticationRequiredError|AggregateAuthenticationError)$/;

/** Codes of Node for a certificate that it does not accept, and of OpenSSL for a handshake. */
const TLS = /CERT|SIGNATURE|SELF_SIGNED|^EPROTO$|^ERR_(TLS|SSL)_/;

function refuserOf({ name = "", code = "", statusCode, response }: SdkError, known: string): Refuser {
  if (SIGN_IN.test(name)) return "signIn";
  if (known === "NotEmulated") return "localAzure";
  if (statusCode !== undefined) {
    // Blob Storage and Azurite set both in each response (REST API, "Common response headers").
    const isService = ["x-ms-request-id", "x-ms-error-code"].some((each) => response?.headers?.get(each) !== undefined);
    return isService ? "service" : "gateway";
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "name";
  return TLS.test(code) ? "tls" : "network";
}

/** Reads an error that the SDK has thrown. */
export function blobFailure(error: unknown): BlobFailure {
  const thrown = error as SdkError;
  const { statusCode, code, details, message, name } = thrown;
  const unnamed = SIGN_IN.test(name ?? "") ? name : undefined;
  const known =
    details?.errorCode || code || unnamed || (statusCode === undefined ? "NoResponse" : `HTTP ${statusCode}`);
  const [line = ""] = withoutSecrets(message ?? String(error)).split("\n");
  const [what = "", remedy] = line.split(" To fix: ");
  // The response to HEAD has no body.
  const text = what.trim() || "the response says nothing more";
  return { status: statusCode, code: known, message: text, refuser: refuserOf(thrown, known), remedy };
}

/** What failed at a URL, and whose response it is. */
export function blobFailureText({ refuser, code, message }: BlobFailure, url: string): string {
  const { host } = new URL(url);
  const reason = `${code}: ${message}`;
  switch (refuser) {
    case "service":
      return `Azure Blob Storage refuses at ${url}: ${reason}`;
    case "localAzure":
      return `The local Azure does not emulate Blob Storage at ${url}: ${reason}`;
    case "gateway":
      return `A proxy or another server on the way to ${host} refuses, not Azure Blob Storage: ${reason}`;
    case "signIn":
      return `The endpoint cannot sign in with Entra ID, so nothing was sent to ${host}: ${reason}`;
    case "name":
      return `The host name ${host} has no address: ${reason}`;
    case "tls":
      return `The TLS connection to ${host} failed: ${reason}`;
    case "network":
      return `${host} did not respond: ${reason}`;
  }
}

/** How to go on where the service itself did not refuse. */
const REMEDIES: Readonly<Record<Exclude<Refuser, "service">, string>> = Object.freeze({
  localAzure: "start Azurite, and set its address: npm run local -- start --azurite http://127.0.0.1:10000",
  gateway: "let the proxy allow the storage account's host, or name the host in NO_PROXY where the endpoint starts",
  signIn: "sign the endpoint in (az login, or a managed identity), or give an account key or a shared access signature",
  name: "correct the account's name in the URL, or the DNS of the endpoint's host",
  tls: "name the CA of the server or of the proxy in NODE_EXTRA_CA_CERTS where the endpoint starts",
  network: "see that the endpoint's host reaches the storage account: address, port, firewall, HTTPS_PROXY",
});

/** How to go on after an error, by its kind. */
export function blobRemedy({ status, code, refuser, remedy }: BlobFailure): string {
  if (remedy !== undefined) return remedy.trim().replace(/\.$/, "");
  if (refuser !== "service") return REMEDIES[refuser];
  if (code === "ContainerNotFound") return "create the container, or correct its URL";
  if (code === "AuthorizationPermissionMismatch") {
    return "give the identity the role Storage Blob Data Contributor, or the shared access signature read, create and write (rcw)";
  }
  if (status === 401 || status === 403)
    return "see that credential, expiry and network rules of the storage account are right";
  return "try again, and see Azure's status of the storage account";
}
