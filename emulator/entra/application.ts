import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { readIfThere, readStored, writeWhole } from "../kernel/stateFile";

/**
 * A trust in tokens of another identity provider (Microsoft Entra workload identity federation): all three must equal
 * the token's, letter case counted.
 */
export interface FederatedCredential {
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  /** Entra recommends `api://AzureADTokenExchange`. */
  readonly audience: string;
}

/** The audience that Entra recommends for federated tokens. */
export const EXCHANGE_AUDIENCE = "api://AzureADTokenExchange";
/** The issuer of GitHub Actions' tokens (GitHub documentation, "OpenID Connect"). */
export const GITHUB_ISSUER = "https://token.actions.githubusercontent.com";
/** The subject that is trusted initially: a workflow on the branch `main`. */
export const GITHUB_SUBJECT = "repo:local/azure-iot-zero-touch:ref:refs/heads/main";

/** The credentials of the application besides its secret. */
export interface SignInCredentials {
  /** Certificates, PEM. The first is made by the local Azure. */
  readonly certificates: readonly string[];
  readonly federatedCredentials: readonly FederatedCredential[];
}

const FIRST: readonly FederatedCredential[] = Object.freeze([
  { name: "github-main", issuer: GITHUB_ISSUER, subject: GITHUB_SUBJECT, audience: EXCHANGE_AUDIENCE },
]);

/** The certificates and federated credentials of the tenant's one application. */
export class Application {
  certificates: readonly X509Certificate[];
  federatedCredentials: readonly FederatedCredential[];

  /** Calls `save` after every change. */
  constructor(
    stored: Partial<SignInCredentials> = {},
    readonly save: (credentials: SignInCredentials) => void = () => undefined,
  ) {
    this.certificates = (stored.certificates ?? []).map((pem) => new X509Certificate(pem));
    this.federatedCredentials = stored.federatedCredentials ?? FIRST;
  }

  /** Registers a certificate, once. */
  register(pem: string): void {
    const { fingerprint256 } = new X509Certificate(pem);
    if (this.certificates.some((each) => each.fingerprint256 === fingerprint256)) return;
    this.set({ certificates: [...this.certificates.map(String), pem] });
  }

  /** Replaces certificates (PEM), federated credentials or both. Throws OpenSSL's error for an invalid certificate. */
  set({ certificates, federatedCredentials = this.federatedCredentials }: Partial<SignInCredentials>): void {
    this.certificates = certificates?.map((pem) => new X509Certificate(pem)) ?? this.certificates;
    this.federatedCredentials = federatedCredentials;
    this.save({ certificates: this.certificates.map(String), federatedCredentials });
  }
}

/**
 * Opens the application that `application.json` in `directory` stores. A reset does not change it. Throws
 * StateFolderError when it is damaged.
 */
export function openApplication(directory: string): Application {
  const file = join(directory, "application.json");
  const text = readIfThere(file);
  const save = (credentials: SignInCredentials): void => writeWhole(file, `${JSON.stringify(credentials, null, 2)}\n`);
  const remedy = "delete it; the initial credentials are then registered again";
  return readStored(file, remedy, () => new Application(JSON.parse(text ?? "{}") as Partial<SignInCredentials>, save));
}
