import type { DeviceAuthentication } from "../../../azure/wire/hubIdentity";
import type { Certificate } from "../../../certs/certificate";
import { type PathResult, verifyPath } from "../../../certs/chain";
import type { WireError } from "../../kernel/operation";
import { type Anchor, anchorsNamed, anchorsOf } from "../../kernel/trustAnchors";
import type { DpsDependencies } from "../dpsDependencies";
import { dpsError, unauthorized } from "../dpsErrors";
import { certificatesOf, type Enrollment, referencesOf } from "../enrollments/enrollmentRecord";
import { signerByName, signerByThumbprint } from "../enrollments/enrollmentStore";
import { attestByKey } from "./attestByKey";
import { attestByTpm } from "./attestByTpm";
import type { Applicant, Proof } from "./identifyDevice";

/** An attested device and its enrollment. */
export interface Attested extends Applicant {
  readonly enrollment: Enrollment;
  /** The device's credential at its hub: the one it attested with. */
  readonly credential: DeviceAuthentication;
  /** For a TPM: returns the `authenticationKey` that imports the credential, base64. */
  readonly activate?: () => string;
}

type Chain = Extract<Proof, { by: "certificate" }>;
type Refused = Extract<PathResult, { ok: false }>;

function refusal({ code, message }: Refused): WireError {
  const text = code === "noAnchor" ? "CA certificate not found" : "Invalid certificate.";
  return dpsError("unauthorized", text, { reason: message });
}

const certificates = (anchors: readonly Anchor[]) => anchors.map(({ certificate }) => certificate);

/** Throws 401002 unless a chain is that of an individual enrollment. */
function checkIndividual(
  { attestation }: Enrollment,
  { leaf, presented }: Chain,
  anchors: readonly Anchor[],
  at: Date,
) {
  if (attestation.by === "symmetricKey" || attestation.by === "tpm") {
    const other = attestation.by === "tpm" ? "a TPM" : "symmetric keys";
    throw unauthorized(`the individual enrollment is attested by ${other}, not by a certificate`);
  }
  if (attestation.by === "caReferences") {
    const named = anchorsNamed(anchors, referencesOf(attestation));
    // Other verified certificates can be intermediates, presented or not.
    const between = [...presented, ...certificates(anchors)];
    const judged = verifyPath(leaf, between, certificates(named), { at });
    if (!judged.ok) throw refusal(judged);
    return;
  }
  if (!certificatesOf(attestation).some(({ info }) => info.sha256Thumbprint === leaf.sha256Thumbprint)) {
    throw dpsError("unauthorized", "Invalid certificate.", {
      reason: `the certificate with thumbprint ${leaf.sha1Thumbprint} is not the one of the individual enrollment`,
    });
  }
  // The enrollment names the certificate itself: no chain, no issuer (azure-iot-sdk-java#239, azure-iot-sdk-node#547).
  if (at < leaf.notBefore || leaf.notAfter < at) {
    const reason = `the certificate is valid from ${leaf.notBefore.toISOString()} to ${leaf.notAfter.toISOString()}`;
    throw dpsError("unauthorized", "Invalid certificate.", { reason });
  }
}

/**
 * Returns the group of a certificate in a path: by thumbprint or by CA reference. A certificate of a disabled group
 * registers no device "even if it is enabled as part of another enrollment entry" (Azure documentation, "How to roll
 * X.509 device certificates"), so a disabled group takes precedence.
 */
function groupOf(
  service: string,
  { sha256Thumbprint }: Certificate,
  anchors: readonly Anchor[],
  { enrollments }: DpsDependencies,
): Enrollment | undefined {
  const names = anchors.filter(({ certificate }) => certificate.sha256Thumbprint === sha256Thumbprint);
  const signers = [signerByThumbprint(sha256Thumbprint), ...names.map(({ name }) => signerByName(name))];
  let first: Enrollment | undefined;
  for (const signer of signers) {
    const group = enrollments.groupOfSigner(service, signer);
    if (group?.settings.provisioningStatus === "disabled") return group;
    first ??= group;
  }
  return first;
}

/** Returns whether two certificates have the same name and key: either could replace the other in a chain. */
const areOneAuthority = (a: Certificate, b: Certificate): boolean =>
  a.subjectKey === b.subjectKey && a.spki.equals(b.spki) && !a.equals(b);

/**
 * Returns the group of an issuer in a path. If a CA has two certificates with the same key, the path may contain one and
 * the device may have presented the other; a disabled group of either blocks.
 */
function groupAt(
  service: string,
  issuer: Certificate,
  presented: readonly Certificate[],
  anchors: readonly Anchor[],
  deps: DpsDependencies,
): Enrollment | undefined {
  const twins = presented.filter((each) => areOneAuthority(each, issuer));
  const blocked = twins
    .map((twin) => groupOf(service, twin, anchors, deps))
    .find((group) => group?.settings.provisioningStatus === "disabled");
  return blocked ?? groupOf(service, issuer, anchors, deps);
}

/**
 * Returns the group nearest to the leaf whose certificate, or one above it, is verified. The path to the nearest verified
 * certificate is tried first; while it has no group, that certificate becomes an intermediate and the search continues
 * upwards. The nearest group decides, enabled or not (Azure documentation, "X.509 certificate attestation – DPS order of
 * operations with certificates"): a disabled group above an enabled one does not block.
 */
function attestGroup(
  { service }: Applicant,
  { leaf, presented }: Chain,
  anchors: readonly Anchor[],
  deps: DpsDependencies,
): Enrollment {
  const at = deps.clock.now();
  const links = [...presented];
  let trusted = certificates(anchors);
  let refused: Refused | undefined;
  let verified = false;
  while (!refused) {
    const judged = verifyPath(leaf, links, trusted, { at });
    if (!judged.ok) {
      refused = judged;
      break;
    }
    verified = true;
    for (const issuer of judged.path.slice(1)) {
      const group = groupAt(service.key, issuer, presented, anchors, deps);
      if (group) return group;
    }
    links.push(judged.anchor);
    trusted = trusted.filter((anchor) => !anchor.equals(judged.anchor));
  }
  if (!verified) throw refusal(refused);
  throw unauthorized("no enrollment is for this registration ID, and no group for a certificate of the chain");
}

function attestByCertificate(applicant: Applicant, chain: Chain, deps: DpsDependencies): Enrollment {
  const { service, registrationId } = applicant;
  const anchors = anchorsOf(service.key, deps.directory, deps.cas);
  const individual = deps.enrollments.find(service.key, "individual", registrationId);
  if (!individual) return attestGroup(applicant, chain, anchors, deps);
  checkIndividual(individual, chain, anchors, deps.clock.now());
  return individual;
}

/**
 * Verifies a device's certificates or signature and returns its enrollment: the individual one if there is one, else the
 * nearest group, or the group that signed. The caller checks whether it is enabled. Throws 401002 or 404201.
 */
export function attest(applicant: Applicant, deps: DpsDependencies): Attested {
  const { proof } = applicant;
  if (proof.by === "key") {
    const individual = deps.enrollments.find(applicant.service.key, "individual", applicant.registrationId);
    if (individual?.attestation.by === "tpm") {
      return { ...applicant, ...attestByTpm(applicant, individual, proof.token, deps) };
    }
    const { enrollment, keys } = attestByKey(applicant, proof.token, deps);
    return { ...applicant, enrollment, credential: { type: "sas", symmetricKey: keys } };
  }
  const { sha256Thumbprint } = proof.leaf;
  // The same twice, as recorded (also azure-iot-sdk-java#1220).
  const x509Thumbprint = { primaryThumbprint: sha256Thumbprint, secondaryThumbprint: sha256Thumbprint };
  const enrollment = attestByCertificate(applicant, proof, deps);
  return { ...applicant, enrollment, credential: { type: "selfSigned", x509Thumbprint } };
}
