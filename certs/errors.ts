/** Every code that a {@link CertsError} can carry. Codes are stable: callers may switch on them. */
export type CertsErrorCode =
  | "malformed" // bytes that are not what they claim to be
  | "noCertificate" // no certificate in the input
  | "severalCertificates" // one was asked for, more were given
  | "noRequest" // no certificate request in the input
  | "badRequest" // a certificate request with a signature that does not verify, or of no known kind
  | "file" // a file cannot be read or written, or is there already
  | "noPrivateKey" // no private key in the input
  | "passphraseNeeded" // the key is encrypted and no passphrase was given
  | "wrongPassphrase" // the key is encrypted and the passphrase does not open it
  | "severalKeys" // one private key was asked for, more were given
  | "unsupportedEncryption" // a PKCS#12 file encrypted or signed in a way that is not read here
  | "unsupportedKey" // a key of a kind or size outside the table of algorithms
  | "keyFile" // a file of a bulk run cannot be read or written
  | "keyElsewhere" // a key that is not in a file, such as a key vault's, cannot be reached or refuses to sign
  | "badName" // a common name against the X.509 rules
  | "badSerial" // a serial number against RFC 5280
  | "badLifetime" // a lifetime that is no positive number of days
  | "signerMismatch" // the signer holds another key than the issuer's certificate
  | "issuerNotCa" // the issuer may not sign certificates
  | "issuerPathLength" // the issuer's path length leaves no room
  | "issuerExpired" // the issuer's validity is over
  | "issuerNotYetValid" // the issuer's validity has not begun
  | "validityNotNested" // the asked validity does not fit the issuer's
  | "badRegistrationId" // registration IDs against Azure's rule, or given twice
  | "refusedByLint" // pre-issuance lint found errors, before the real key signed
  | "manifest" // the manifest of a bulk run is not what it should be
  | "folderInUse" // another process issues into the output folder
  | "foreignFiles" // the output folder has files without a manifest
  | "brokenChain"; // certificates that do not follow one another

/** What a {@link CertsError} carries beside its code. Never key material or a passphrase. */
export interface CertsErrorOptions {
  readonly data?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly cause?: unknown;
}

/**
 * The one error of certs/: something outside the program is wrong (a file, a passphrase, a certificate).
 * A caller's own mistake, such as an unknown algorithm name, is a `TypeError` instead.
 */
export class CertsError extends Error {
  override readonly name = "CertsError";
  readonly code: CertsErrorCode;
  readonly data: Readonly<Record<string, string | number | boolean | undefined>>;

  constructor(code: CertsErrorCode, message: string, options: CertsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = Object.freeze({ ...options.data });
  }
}
