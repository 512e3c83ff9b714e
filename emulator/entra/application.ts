import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { readIfThere, writeWhole } from "../kernel/stateFile";

/**
 * A trust in tokens of another identity provider (Microsoft Entra workload identity federation): all three must equal
 * the token's, letter case counted.
 */
export interface FederatedCredential {
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  /** Entra advises `api://AzureADTokenExchange`. */
  readonly audience: string;
}

/** The audience that Entra asks of federated tokens. */
export const EXCHANGE_AUDIENCE = "api://AzureADTokenExchange";
/** The issuer of GitHub Actions' tokens (GitHub documentation, "OpenID Connect"). */
export const GITHUB_ISSUER = "https://token.actions.githubusercontent.com";
/** Whose tokens are trusted from the beginning: those of a workflow on the branch `main`. */
export const GITHUB_SUBJECT = "repo:local/azure-iot-zero-touch:ref:refs/heads/main";

/** What the application signs in with beside its secret. */
export interface SignInCredentials {
  /** Certificates, PEM. The first is the one that the local Azure made itself. */
  readonly certificates: readonly string[];
  readonly federatedCredentials: readonly FederatedCredential[];
}

const FIRST: readonly FederatedCredential[] = Object.freeze([
  { name: "github-main", issuer: GITHUB_ISSUER, subject: GITHUB_SUBJECT, audience: EXCHANGE_AUDIENCE },
]);

/** The certificates and federated credentials of the tenant's one application. */
export class Application {
  #certificates: readonly X509Certificate[] = [];
  #federated: readonly FederatedCredential[] = FIRST;
  readonly #keep: (credentials: SignInCredentials) => void;

  /** `keep` stores every change. */
  constructor(kept: Partial<SignInCredentials> = {}, keep: (credentials: SignInCredentials) => void = () => undefined) {
    this.#certificates = (kept.certificates ?? []).map((pem) => new X509Certificate(pem));
    this.#federated = kept.federatedCredentials ?? FIRST;
    this.#keep = keep;
  }

  get certificates(): readonly X509Certificate[] {
    return this.#certificates;
  }

  get federatedCredentials(): readonly FederatedCredential[] {
    return this.#federated;
  }

  /** Registers a certificate, once. */
  register(pem: string): void {
    const certificate = new X509Certificate(pem);
    if (this.#certificates.some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256)) return;
    this.#change([...this.#certificates, certificate], this.#federated);
  }

  /** Replaces what is given: certificates are PEM texts. Throws what OpenSSL says of a text that is no certificate. */
  set({ certificates, federatedCredentials }: Partial<SignInCredentials>): void {
    this.#change(
      certificates?.map((pem) => new X509Certificate(pem)) ?? this.#certificates,
      federatedCredentials ?? this.#federated,
    );
  }

  #change(certificates: readonly X509Certificate[], federated: readonly FederatedCredential[]): void {
    this.#certificates = certificates;
    this.#federated = federated;
    this.#keep({ certificates: certificates.map(String), federatedCredentials: federated });
  }
}

/**
 * The application as `application.json` in `directory` keeps it. Like the tenant it outlives every reset. Throws an Error
 * that names the file when it is not whole.
 */
export function openApplication(directory: string): Application {
  const file = join(directory, "application.json");
  const text = readIfThere(file);
  const keep = (credentials: SignInCredentials): void => writeWhole(file, `${JSON.stringify(credentials, null, 2)}\n`);
  try {
    return new Application(text === undefined ? {} : (JSON.parse(text) as Partial<SignInCredentials>), keep);
  } catch (cause) {
    throw new Error(`${file} cannot be read: delete it, and the initial credentials are registered again`, { cause });
  }
}
