/** Certificates without Pulumi and without a network: what `import … from "azure-iot-zero-touch/certs"` has. */
import type { Pkcs12 } from "./pkcs12/read";
import type { writePkcs12 as write } from "./pkcs12/write";

export type { KeyAlgorithmName } from "./algorithms";
export type { CertificateInput } from "./certificate";
export { Certificate, readCertificate, readCertificates } from "./certificate";
export type { PathErrorCode, PathOptions, PathResult } from "./chain";
export { arrangeChain, fullChainPem, verifyPath } from "./chain";
export type { CertificateFacts } from "./describe";
export { describeCertificate } from "./describe";
export type { CertsErrorCode } from "./errors";
export { CertsError } from "./errors";
export type { IssueOptions, Issuer } from "./issue";
export { issueDevice, issueIntermediate, issueRoot, issueSelfSignedDevice, issueVerification } from "./issue";
export type { PrivateKey } from "./keys";
export { exportPrivateKey, generateKeyPair, readPrivateKey } from "./keys";
export type { LintCode, LintContext, LintFinding } from "./lint";
export { lintCertificate, lintPath } from "./lint";
export type { Pkcs12 } from "./pkcs12/read";
export type { ProfileName } from "./profiles";
export type { CertificateRequest } from "./request";
export { createRequest, readRequest } from "./request";
export type { Signer } from "./signer";
export { KeySigner } from "./signer";

// Loaded on first use: the ASN.1 classes of PKCS#12 take 0.15 s of the processor.

/** Reads a PKCS#12 file (PFX). Errors: CertsError. */
export const readPkcs12 = (bytes: Uint8Array, passphrase: string): Pkcs12 =>
  (require("./pkcs12/read") as typeof import("./pkcs12/read")).readPkcs12(bytes, passphrase);

/** Writes a PKCS#12 file with a key and its certificates. */
export const writePkcs12: typeof write = (request) =>
  (require("./pkcs12/write") as typeof import("./pkcs12/write")).writePkcs12(request);
