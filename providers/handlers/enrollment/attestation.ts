/** How the devices of an enrollment prove themselves: the inputs, their rules, the wire form and reading back. */

import { X509Certificate } from "node:crypto";
import { nameError } from "../../../azure/names";
import type { AttestationMechanism, CertificateWithInfo, PrimarySecondary } from "../../../azure/wire/dpsEnrollment";
import { isObject } from "../../../azure/wire/jsonObject";
import { type CertificateFindings, deviceFindings, signingFindings } from "../certificates/certificateFindings";
import { type Fields, named, optionalText, pemCertificates, UNKNOWN } from "../resource/fields";
import type { CheckFailure, Props } from "../resource/handler";
import { isSameCertificate, unknownCertificate } from "../resource/unknownCertificate";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Whether a text is a symmetric key as the service takes it: the base64 of 16 to 64 bytes. */
export function isSymmetricKey(value: unknown): boolean {
  const bytes = typeof value === "string" && BASE64.test(value) ? Buffer.byteLength(value, "base64") : 0;
  return bytes >= 16 && bytes <= 64;
}

/** The message never contains a key. */
function symmetricKeyError(value: unknown): string | undefined {
  const members = isObject(value) ? Object.entries(value) : undefined;
  if (!members?.every(([name]) => name === "primaryKey" || name === "secondaryKey"))
    return "must be an object with primaryKey and secondaryKey, or an empty one to have the service make both";
  if (members.length === 1) return "give both primaryKey and secondaryKey, or neither to have the service make them";
  for (const [name, key] of members) {
    if (key === UNKNOWN) continue;
    if (!isSymmetricKey(key)) return `${name} must be the base64 of 16 to 64 bytes`;
  }
  return undefined;
}

function tpmError(value: unknown): string | undefined {
  const given = isObject(value) ? value : {};
  for (const name of ["endorsementKey", "storageRootKey"]) {
    const key = given[name];
    if (key === undefined ? name === "storageRootKey" : key === UNKNOWN) continue;
    const bytes = typeof key === "string" && BASE64.test(key) ? Buffer.from(key, "base64") : Buffer.alloc(0);
    // As `tpm2_readpublic` and Azure's tools print it: TPM2B_PUBLIC, its first two bytes are the length of the rest.
    if (bytes.length < 4 || bytes.readUInt16BE() !== bytes.length - 2)
      return `${name} must be the TPM's public key as base64, a whole TPM2B_PUBLIC`;
  }
  return undefined;
}

const CA_REFERENCES: Fields = {
  caReference: { validate: named("dpsCertificate") },
  secondaryCaReference: { validate: named("dpsCertificate") },
};

/** Inputs of a group; exactly one kind. */
export const GROUP_ATTESTATION: Fields = {
  ...CA_REFERENCES,
  signingCertificate: { validate: pemCertificates, isSame: isSameCertificate },
  secondarySigningCertificate: { validate: pemCertificates, isSame: isSameCertificate },
  symmetricKey: { validate: symmetricKeyError },
};

/** Inputs of an individual enrollment; exactly one kind. */
export const INDIVIDUAL_ATTESTATION: Fields = {
  certificate: { validate: pemCertificates, isSame: isSameCertificate },
  secondaryCertificate: { validate: pemCertificates, isSame: isSameCertificate },
  ...CA_REFERENCES,
  symmetricKey: { validate: symmetricKeyError },
  tpm: { validate: tpmError },
};

/** The kinds of attestation by the input that chooses them, with their secondary inputs. */
const SECONDARIES = {
  certificate: "secondaryCertificate",
  signingCertificate: "secondarySigningCertificate",
  caReference: "secondaryCaReference",
} as const;

const CERTIFICATES = ["certificate", "secondaryCertificate", "signingCertificate", "secondarySigningCertificate"];

/** What the lint finds in the certificates of the inputs, each with its input. Values not known yet pass. */
function certificateFindings(inputs: Props, now: Date): { property: string; findings: CertificateFindings }[] {
  const { registrationId } = inputs;
  const id = typeof registrationId === "string" && registrationId !== UNKNOWN ? registrationId : undefined;
  const trusted =
    pemCertificates(inputs.trustedCertificates) === undefined ? String(inputs.trustedCertificates) : undefined;
  return CERTIFICATES.flatMap((property) => {
    const pem = inputs[property];
    if (pem === UNKNOWN || pemCertificates(pem) !== undefined) return [];
    const findings = /signing/i.test(property)
      ? signingFindings(String(pem), trusted, now)
      : deviceFindings(String(pem), id, trusted, now);
    return [{ property, findings }];
  });
}

/** Errors of the inputs together, and warnings: an expiry that comes near, an unknown path. */
export interface AttestationFindings {
  readonly failures: readonly CheckFailure[];
  readonly warnings: readonly CheckFailure[];
}

/** Checks the attestation inputs together; `kinds` are the inputs that choose a kind. Unknown values pass. */
export function attestationFindings(fields: Fields, inputs: Props, now: Date): AttestationFindings {
  const kinds = Object.keys(fields).filter((name) => !name.startsWith("secondary"));
  const given = kinds.filter((name) => inputs[name] !== undefined);
  const failures: CheckFailure[] = [];
  const warnings: CheckFailure[] = [];
  if (given.length !== 1) {
    const found = given.length === 0 ? "none is given" : `${given.join(" and ")} are given`;
    const reason = `give exactly one of ${kinds.join(", ")}; ${found}`;
    failures.push({ property: given[1] ?? kinds[0] ?? "attestation", reason });
  }
  for (const [primary, secondary] of Object.entries(SECONDARIES)) {
    if (inputs[secondary] === undefined) continue;
    if (inputs[primary] === undefined)
      failures.push({ property: secondary, reason: `needs ${primary}: a secondary needs a primary` });
    else if (inputs[primary] === inputs[secondary] && inputs[primary] !== UNKNOWN)
      failures.push({ property: secondary, reason: `must differ from ${primary}` });
  }
  for (const { property, findings } of certificateFindings(inputs, now)) {
    failures.push(...findings.errors.map((reason) => ({ property, reason })));
    warnings.push(...findings.warnings.map((reason) => ({ property, reason })));
  }
  const id = inputs.registrationId;
  if (given.includes("certificate") && typeof id === "string" && id !== UNKNOWN && id.length > 64) {
    const reason = nameError("x509RegistrationId", id);
    if (reason !== undefined) failures.push({ property: "registrationId", reason });
  }
  return { failures, warnings };
}

const pair = <T>(inputs: Props, primary: string, secondary: string, as: (text: string) => T): PrimarySecondary<T> => {
  const [first, second] = [optionalText(inputs, primary), optionalText(inputs, secondary)];
  return {
    ...(first === undefined ? {} : { primary: as(first) }),
    ...(second === undefined ? {} : { secondary: as(second) }),
  };
};

/** The attestation as the wire has it. The inputs were checked. */
export function attestationBody(inputs: Props): AttestationMechanism {
  const pem = (certificate: string): CertificateWithInfo => ({ certificate });
  if (inputs.symmetricKey !== undefined)
    return { type: "symmetricKey", symmetricKey: { ...(inputs.symmetricKey as Props) } };
  if (inputs.tpm !== undefined)
    return { type: "tpm", tpm: inputs.tpm as { endorsementKey: string; storageRootKey?: string } };
  if (inputs.caReference !== undefined) {
    const caReferences = pair(inputs, "caReference", "secondaryCaReference", (name) => name);
    return { type: "x509", x509: { caReferences } };
  }
  if (inputs.signingCertificate !== undefined) {
    const signingCertificates = pair(inputs, "signingCertificate", "secondarySigningCertificate", pem);
    return { type: "x509", x509: { signingCertificates } };
  }
  const clientCertificates = pair(inputs, "certificate", "secondaryCertificate", pem);
  return { type: "x509", x509: { clientCertificates } };
}

/** The inputs with the present keys if the service makes them: it would else make new ones. */
export function withPresentKeys(inputs: Props, primaryKey: unknown, secondaryKey: unknown): Props {
  const isLeft = isObject(inputs.symmetricKey) && Object.keys(inputs.symmetricKey).length === 0;
  return isLeft && primaryKey !== undefined ? { ...inputs, symmetricKey: { primaryKey, secondaryKey } } : inputs;
}

/**
 * A certificate input as the service has it: our own text when the thumbprints agree (or the service returns none), else a
 * note that the next diff sees as a change.
 */
function readCertificate(ours: string | undefined, theirs: CertificateWithInfo | undefined): string | undefined {
  if (!theirs) return undefined;
  const seen = theirs.info?.sha256Thumbprint;
  if (seen === undefined) return ours;
  const isOurs =
    ours?.includes("-----BEGIN") === true &&
    new X509Certificate(ours).fingerprint256.replaceAll(":", "") === seen.toUpperCase();
  return isOurs ? ours : unknownCertificate(theirs.info?.sha1Thumbprint ?? seen);
}

/** Returns the secondary certificate unless it is the primary again, as the service returns a single one. */
const secondOf = ({ primary, secondary }: PrimarySecondary<CertificateWithInfo> = {}) =>
  secondary?.info && secondary.info.sha256Thumbprint === primary?.info?.sha256Thumbprint ? undefined : secondary;

/** The attestation inputs as the service has them now; keys that the service does not return stay ours. */
export function readAttestation(props: Props, { x509, symmetricKey, tpm, type }: AttestationMechanism): Props {
  const certificate = (name: string, theirs: CertificateWithInfo | undefined) =>
    readCertificate(optionalText(props, name), theirs);
  // Keys that the service made are not inputs, and neither are keys that it does not return.
  const isLeft = isObject(props.symmetricKey) && Object.keys(props.symmetricKey).length === 0;
  const keys =
    isLeft || symmetricKey?.primaryKey === undefined
      ? (props.symmetricKey ?? {})
      : { primaryKey: symmetricKey.primaryKey, secondaryKey: symmetricKey.secondaryKey };
  const ourTpm = props.tpm as { readonly endorsementKey?: string } | undefined;
  return {
    certificate: certificate("certificate", x509?.clientCertificates?.primary),
    secondaryCertificate: certificate("secondaryCertificate", secondOf(x509?.clientCertificates)),
    signingCertificate: certificate("signingCertificate", x509?.signingCertificates?.primary),
    secondarySigningCertificate: certificate("secondarySigningCertificate", secondOf(x509?.signingCertificates)),
    caReference: x509?.caReferences?.primary ?? undefined,
    secondaryCaReference: x509?.caReferences?.secondary ?? undefined,
    symmetricKey: type === "symmetricKey" ? keys : undefined,
    tpm: type !== "tpm" ? undefined : tpm?.endorsementKey === ourTpm?.endorsementKey ? props.tpm : { ...tpm },
  };
}
