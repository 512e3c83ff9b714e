/**
 * Certificates of a provisioning service as ARM gives them.
 * Source: Azure REST API "Dps Certificate", 2022-12-12 (CertificateResponse, ErrorDetails).
 */

export interface CertificateProperties {
  readonly subject: string;
  /** RFC 1123 date. */
  readonly expiry: string;
  /** SHA-1, upper-case hexadecimal. */
  readonly thumbprint: string;
  readonly isVerified: boolean;
  /** RFC 1123 date. */
  readonly created: string;
  readonly updated: string;
  readonly certificate?: string | null;
  /** Only in the response to generateVerificationCode. */
  readonly verificationCode?: string;
}

export interface CertificateResponse {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** Changes with every step; the next step must send it as If-Match. */
  readonly etag: string;
  readonly properties: CertificateProperties;
}

/** The error body of the Microsoft.Devices resource provider: not in an `error` envelope. */
export interface ErrorDetails {
  readonly code: number;
  /** For example `NotFound`. */
  readonly httpStatusCode: string;
  readonly message: string;
  readonly details?: string;
}
