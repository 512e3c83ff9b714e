import { createPublicKey, type KeyObject } from "node:crypto";
import { algorithmOf } from "./algorithms";
import { Certificate } from "./certificate";
import { type Clock, systemClock } from "./clock";
import { CertsError } from "./errors";
import { PURPOSE_OIDS } from "./extensions";
import { commonNameError, nameOf } from "./names";
import { lintBeforeSigning } from "./preIssuanceLint";
import { PROFILES, type Profile } from "./profiles";
import { keyIdentifier, refuseExplicitCurve } from "./publicKey";
import { randomSerials, type SerialSource, serialHex } from "./serial";
import type { Signer } from "./signer";
import { planValidity, type Validity } from "./validity";
import { type CertificateFields, createCertificate } from "./x509";

/** A CA: its certificate and what signs for it. */
export interface Issuer {
  readonly certificate: Certificate;
  readonly signer: Signer;
}

/** Options of every kind of certificate. */
export interface IssueOptions {
  /** Default: this machine's clock. */
  readonly clock?: Clock;
  /** Default: 126 random bits. */
  readonly serials?: SerialSource;
  /** Days of 86,400 s; default: the profile's. */
  readonly lifetimeDays?: number;
  /** How to treat a lifetime that outlives the issuer: cut it (default) or throw `validityNotNested`. */
  readonly overrun?: "clamp" | "refuse";
}

interface Order extends IssueOptions {
  readonly profile: Profile;
  readonly commonName: string;
  readonly publicKey: Uint8Array;
  /** An {@link Issuer}, or the signer alone of a certificate that signs itself. */
  readonly issuer: { readonly certificate?: Certificate; readonly signer: Signer };
  readonly pathLength?: number;
}

/**
 * Whether the issuer's certificate and its key allow it to issue by the profile. Throws `signerMismatch`, `issuerNotCa`,
 * `issuerPathLength`.
 */
export function checkIssuer(
  { certificate, signer }: { readonly certificate: Certificate; readonly signer: Pick<Signer, "publicKey"> },
  profile: Profile,
  pathLength: number | undefined,
): void {
  const { extensions, subject, spki } = certificate;
  if (!spki.equals(signer.publicKey)) {
    throw new CertsError("signerMismatch", `The signing key is not the key of the issuer ${subject}`, {
      data: { subject },
    });
  }
  if (!extensions.isCa || extensions.keyUsage?.includes("keyCertSign") === false) {
    throw new CertsError("issuerNotCa", `${subject} is no CA that may sign certificates`, { data: { subject } });
  }
  const room = extensions.pathLength;
  if (profile.isCa && room !== undefined && (room < 1 || (pathLength ?? 0) > room - 1)) {
    throw new CertsError(
      "issuerPathLength",
      `${subject} has path length ${room}: no CA of path length ${pathLength ?? "unlimited"} fits below it`,
      { data: { subject, pathLength: room } },
    );
  }
}

/** Refuses a key outside the table, and what is no key at all, before anything is signed. */
function checkPublicKey(spki: Uint8Array): void {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  } catch (cause) {
    throw new CertsError("malformed", "The public key is no SubjectPublicKeyInfo in DER", { cause });
  }
  algorithmOf(key);
  refuseExplicitCurve(Buffer.from(spki));
}

/** DER of the object identifier rsaEncryption (RFC 8017, A.1), which an RSA key begins with. */
const RSA_ENCRYPTION = Buffer.from("06092a864886f70d010101", "hex");

/** The fields of a certificate that its profile does not decide. */
interface ProfiledCertificate {
  readonly commonName: string;
  /** Undefined: the certificate signs itself. */
  readonly issuer: Certificate | undefined;
  /** Hex. */
  readonly serialNumber: string;
  readonly validity: Validity;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** Default: the profile's. */
  readonly pathLength?: number;
}

/** A certificate of a profile. `signerKey`: SubjectPublicKeyInfo of the signer, for an issuer without a key identifier. */
export function fieldsOf(profile: Profile, given: ProfiledCertificate, signerKey: Uint8Array): CertificateFields {
  const { issuer, serialNumber, validity, publicKey, pathLength = profile.pathLength } = given;
  const isRsa = Buffer.from(publicKey).subarray(0, 24).includes(RSA_ENCRYPTION);
  return {
    subject: nameOf(given.commonName),
    issuer: issuer?.subjectDer,
    serialNumber,
    notBefore: validity.notBefore,
    notAfter: validity.notAfter,
    publicKey,
    authorityKeyIdentifier: issuer?.extensions.subjectKeyIdentifier ?? keyIdentifier(signerKey),
    basicConstraints: { ca: profile.isCa, pathLength, critical: true },
    keyUsage: isRsa ? [...profile.keyUsage, ...profile.rsaKeyUsage] : profile.keyUsage,
    purposes: profile.purposes.map((purpose) => PURPOSE_OIDS[purpose]),
  };
}

async function issue(order: Order): Promise<Certificate> {
  const { profile, commonName, publicKey } = order;
  const { certificate: issuer, signer } = order.issuer;
  const error = commonNameError(commonName);
  if (error !== undefined) {
    throw new CertsError("badName", `The common name '${commonName}' is refused: ${error}`, { data: { commonName } });
  }
  checkPublicKey(publicKey);
  const pathLength = order.pathLength ?? profile.pathLength;
  if (issuer !== undefined) checkIssuer({ certificate: issuer, signer }, profile, pathLength);
  const at = (order.clock ?? systemClock).now();
  const serialNumber = serialHex((order.serials ?? randomSerials).next());
  const validity = planValidity(profile, at, { ...order, issuer });
  const given = { commonName, issuer, serialNumber, validity, publicKey, pathLength };
  const { algorithm } = signer;
  const der = await createCertificate(fieldsOf(profile, given, signer.publicKey), {
    publicKey: signer.publicKey,
    algorithm,
    sign(tbs) {
      lintBeforeSigning(tbs, { profile: profile.name, algorithm, issuer, at });
      return signer.sign(tbs);
    },
  });
  return new Certificate(der);
}

/** Issues a self-signed root. Throws CertsError `badName`, `badLifetime`, `badSerial`, `refusedByLint`. */
export function issueRoot(request: { commonName: string; signer: Signer } & IssueOptions): Promise<Certificate> {
  const { signer } = request;
  return issue({ ...request, issuer: { signer }, profile: PROFILES.root, publicKey: signer.publicKey });
}

/**
 * Issues a CA under `issuer`. `pathLength` counts the further CA certificates allowed below (default 0: leaves only).
 * Throws CertsError, beside those of a root: `signerMismatch`, `issuerNotCa`, `issuerPathLength`, `issuerExpired`,
 * `issuerNotYetValid`, `validityNotNested`, `unsupportedKey`.
 */
export function issueIntermediate(
  request: {
    commonName: string;
    /** SubjectPublicKeyInfo of the new CA, DER. */
    publicKey: Uint8Array;
    issuer: Issuer;
    pathLength?: number;
  } & IssueOptions,
): Promise<Certificate> {
  return issue({ ...request, profile: PROFILES.intermediate });
}

/** Issues a device's leaf with CN = registration ID and EKU clientAuth. Errors as {@link issueIntermediate}. */
export function issueDevice(
  request: { registrationId: string; publicKey: Uint8Array; issuer: Issuer } & IssueOptions,
): Promise<Certificate> {
  return issue({ ...request, profile: PROFILES.device, commonName: request.registrationId });
}

/** Issues a device's leaf that signs itself, for an individual enrollment without a CA. Errors as {@link issueRoot}. */
export function issueSelfSignedDevice(
  request: { registrationId: string; signer: Signer } & IssueOptions,
): Promise<Certificate> {
  const { signer, registrationId: commonName } = request;
  return issue({ ...request, issuer: { signer }, profile: PROFILES.device, commonName, publicKey: signer.publicKey });
}

/**
 * Issues the leaf of a proof of possession: CN = verification code, signed by the CA that is to be verified.
 * Errors as {@link issueIntermediate}.
 */
export function issueVerification(
  request: { verificationCode: string; publicKey: Uint8Array; issuer: Issuer } & IssueOptions,
): Promise<Certificate> {
  return issue({ ...request, profile: PROFILES.verification, commonName: request.verificationCode });
}
