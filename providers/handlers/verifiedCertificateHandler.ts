/**
 * Handler of VerifiedCertificate: uploads a CA certificate to a provisioning service and verifies it, by proof of
 * possession (Azure documentation "How to verify X.509 CA certificates with DPS") or by assertion. Every step carries the
 * ETag that the step before gave.
 */
import { AzureError } from "../../azure/clients/azureError";
import { certificateId } from "../../azure/resourceIds";
import type { CertificateResponse } from "../../azure/wire/dpsCertificate";
import type { AzureGateway } from "./resource/azureGateway";
import {
  checkFields,
  diffFields,
  type Fields,
  named,
  oneOf,
  optionalText,
  pemCertificates,
  pickFields,
  text,
} from "./resource/fields";
import { GONE, type Handler, PartialError, type Props } from "./resource/handler";

/** Inputs. The signing key, PEM or the id of a key in a vault, follows from the certificate and is kept out of the outputs. */
export const FIELDS: Fields = {
  provisioningServiceId: { isRequired: true, onChange: "replace" },
  name: { isRequired: true, onChange: "replace", fault: named("dpsCertificate") },
  certificate: { isRequired: true, fault: pemCertificates },
  verification: { default: "proofOfPossession", fault: oneOf("proofOfPossession", "asserted") },
  signingKey: { onChange: "ignore" },
};

const loadPki = () =>
  require("./certificates/certificateIssuing") as typeof import("./certificates/certificateIssuing");

const clientOf = (gateway: AzureGateway, props: Props) =>
  gateway.certificate(text(props, "provisioningServiceId"), text(props, "name"));

const idOf = (props: Props): string => certificateId(text(props, "provisioningServiceId"), text(props, "name"));

function outputsOf(inputs: Props, answer: CertificateResponse): Record<string, unknown> {
  const { subject, thumbprint, expiry, isVerified } = answer.properties;
  const end = new Date(expiry);
  // A time that cannot be read must not lose what was uploaded.
  const notAfter = Number.isNaN(end.getTime()) ? String(expiry) : end.toISOString();
  return {
    ...pickFields(FIELDS, inputs, ["signingKey"]),
    subject,
    thumbprint,
    notAfter,
    isVerified,
    etag: answer.etag,
  };
}

/**
 * The certificate as it stands after a refusal because of its ETag, where its content is ours: an earlier run was killed, or
 * an answer was lost and the call sent again. Throws the error where there is nothing to go on from.
 */
async function standing(gateway: AzureGateway, inputs: Props, error: unknown): Promise<CertificateResponse> {
  if (!(error instanceof AzureError) || (error.status !== 412 && error.status !== 409)) throw error;
  const present = await clientOf(gateway, inputs).get();
  if (present?.properties.thumbprint !== loadPki().facts(text(inputs, "certificate")).thumbprint) throw error;
  return present;
}

/** Uploads; one that is there already with the same content is gone on with. */
function upload(gateway: AzureGateway, inputs: Props, etag?: string): Promise<CertificateResponse> {
  return clientOf(gateway, inputs)
    .put(text(inputs, "certificate"), inputs.verification === "asserted", etag)
    .catch((error: unknown) => standing(gateway, inputs, error));
}

/** Signs the code that the service gave. */
async function proofOf(gateway: AzureGateway, inputs: Props, code: string): Promise<string> {
  const certificate = text(inputs, "certificate");
  const { signerOf } = require("./certificates/caSigner") as typeof import("./certificates/caSigner");
  const ca = { certificate, signer: signerOf(gateway, certificate, text(inputs, "signingKey")) };
  return loadPki().createProof(code, ca, gateway.now());
}

/** Verifies what was uploaded; a failure keeps the upload in the state. */
async function verify(
  gateway: AzureGateway,
  inputs: Props,
  uploaded: CertificateResponse,
): Promise<Record<string, unknown>> {
  const client = clientOf(gateway, inputs);
  let last = uploaded;
  const prove = async (): Promise<void> => {
    if (last.properties.isVerified) return;
    if (inputs.verification === "asserted") {
      last = await client.put(text(inputs, "certificate"), true, last.etag);
      return;
    }
    last = await client.generateVerificationCode(last.etag);
    last = await client.verify(await proofOf(gateway, inputs, last.properties.verificationCode ?? ""), last.etag);
  };
  try {
    await prove().catch(async (error: unknown) => {
      last = await standing(gateway, inputs, error);
      await prove();
    });
    return outputsOf(inputs, last);
  } catch (error) {
    throw new PartialError(idOf(inputs), outputsOf(inputs, last), error);
  }
}

/** The handler. */
export const handler = (gateway: AzureGateway): Handler => ({
  async check(_olds, news) {
    const result = checkFields(FIELDS, news);
    if (result.inputs.verification === "proofOfPossession" && result.inputs.signingKey === undefined) {
      const reason =
        "a proof of possession needs the certificate's private key; without it use verification `asserted`";
      result.failures.push({ property: "signingKey", reason });
    }
    return result;
  },
  async diff(_id, olds, news) {
    const result = diffFields(FIELDS, olds, news);
    // The old one goes first: going back to its name after a failed change would else adopt it, and then lose it.
    return { ...result, changes: result.changes || olds.isVerified !== true, deleteBeforeReplace: true };
  },
  async create(inputs) {
    return { id: idOf(inputs), outs: await verify(gateway, inputs, await upload(gateway, inputs)) };
  },
  async read(id, props) {
    const answer = await clientOf(gateway, props).get();
    if (!answer) return GONE;
    const isOurs = answer.properties.thumbprint === props.thumbprint;
    // Another certificate under our name: its thumbprint in place of the PEM is what the next diff sees.
    const certificate = isOurs ? props.certificate : `another certificate: ${answer.properties.thumbprint}`;
    return { id, props: outputsOf({ ...props, certificate }, answer) };
  },
  async update(_id, olds, news) {
    const present = await clientOf(gateway, news).get();
    if (!present) return { outs: await verify(gateway, news, await upload(gateway, news)) };
    const isContentSame = present.properties.thumbprint === loadPki().facts(text(news, "certificate")).thumbprint;
    if (isContentSame) return { outs: await verify(gateway, news, present) };
    const etag = optionalText(olds, "etag") ?? present.etag;
    return { outs: await verify(gateway, news, await upload(gateway, news, etag)) };
  },
  async delete(_id, props) {
    const client = clientOf(gateway, props);
    const present = await client.get();
    if (present) await client.delete(present.etag);
  },
});
