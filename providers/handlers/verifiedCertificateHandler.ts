/**
 * Handler of VerifiedCertificate: uploads a CA certificate to a provisioning service and verifies it, by proof of
 * possession (Azure documentation "How to verify X.509 CA certificates with DPS") or by assertion. Every step carries the
 * ETag that the step before gave.
 */
import { AzureError } from "../../azure/clients/azureError";
import { certificateId, parseCertificateId } from "../../azure/resourceIds";
import type { CertificateResponse } from "../../azure/wire/dpsCertificate";
import { ADOPT, adoption, withoutQuotes } from "./resource/adoptInput";
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
import { isSameCertificate, unknownCertificate } from "./resource/unknownCertificate";

/** Inputs. The signing key, PEM or the id of a key in a vault, follows from the certificate and is kept out of the outputs. */
export const FIELDS: Fields = {
  provisioningServiceId: { isRequired: true, onChange: "replaceWithParent" },
  name: { isRequired: true, onChange: "replace", validate: named("dpsCertificate") },
  certificate: { isRequired: true, validate: pemCertificates, isSame: isSameCertificate },
  // Of no effect once the certificate is verified.
  verification: { default: "proofOfPossession", onChange: "ignore", validate: oneOf("proofOfPossession", "asserted") },
  signingKey: { onChange: "ignore" },
  adopt: ADOPT,
};

type Gateway = Pick<AzureGateway, "certificate" | "vaultKeys" | "now">;

const loadPki = () =>
  require("./certificates/certificateIssuing") as typeof import("./certificates/certificateIssuing");

const clientOf = (gateway: Gateway, props: Props) =>
  gateway.certificate(text(props, "provisioningServiceId"), text(props, "name"));

const idOf = (props: Props): string => certificateId(text(props, "provisioningServiceId"), text(props, "name"));

function outputsOf(inputs: Props, response: CertificateResponse): Record<string, unknown> {
  const { subject, thumbprint, expiry, isVerified } = response.properties;
  const end = new Date(expiry);
  // A time that cannot be read must not lose what was uploaded.
  const notAfter = Number.isNaN(end.getTime()) ? String(expiry) : end.toISOString();
  return {
    ...pickFields(FIELDS, inputs, ["signingKey", "adopt"]),
    subject,
    thumbprint,
    notAfter,
    isVerified,
    etag: response.etag,
  };
}

const thumbprintOf = (inputs: Props): string => loadPki().facts(text(inputs, "certificate")).thumbprint;

/**
 * The present certificate after a refusal because of its ETag, if its content is ours: an earlier run was killed, or a
 * response was lost and the request sent again. Throws the error otherwise.
 */
async function ownCertificate(gateway: Gateway, inputs: Props, error: unknown): Promise<CertificateResponse> {
  if (!(error instanceof AzureError) || (error.status !== 412 && error.status !== 409)) throw error;
  const present = await clientOf(gateway, inputs).get();
  if (present?.properties.thumbprint !== thumbprintOf(inputs)) throw error;
  return present;
}

/** Uploads, or returns the present certificate if it has the same content. `etag` is that of the one to replace. */
function upload(gateway: Gateway, inputs: Props, etag?: string): Promise<CertificateResponse> {
  return clientOf(gateway, inputs)
    .put(text(inputs, "certificate"), inputs.verification === "asserted", etag)
    .catch((error: unknown) => ownCertificate(gateway, inputs, error));
}

/** The ETag to send for replacing a certificate that is not in the state. Throws unless `adopt` allows it. */
function adoptedEtag(inputs: Props, { etag, properties }: CertificateResponse): string {
  const { adopt } = inputs;
  const outcome = adoption(adopt, etag);
  if (outcome === "adopt") return etag;
  const present = `${properties.subject}, thumbprint ${properties.thumbprint}, expires ${properties.expiry}`;
  const name = text(inputs, "name");
  if (outcome === "changed")
    throw new Error(
      `Could not adopt certificate "${name}": its ETag is ${withoutQuotes(etag)} now, and not ${withoutQuotes(String(adopt))} ` +
        `(${present}).\n  To fix: review the certificate, then set \`adopt\` to its present ETag.`,
    );
  throw new Error(
    `Could not upload certificate "${name}": the provisioning service has another certificate of this name (${present}).\n` +
      "  To fix: use another name, or delete that certificate if nothing needs it, or set `adopt` to true or to its ETag " +
      `${withoutQuotes(etag)} to replace it: devices below it can then no longer register.`,
  );
}

/** The first upload. Reads before it writes: what the service has under the name and the state does not know is another's. */
async function uploadFirst(gateway: Gateway, inputs: Props): Promise<CertificateResponse> {
  const present = await clientOf(gateway, inputs).get();
  if (present === undefined) return upload(gateway, inputs);
  if (present.properties.thumbprint === thumbprintOf(inputs)) return present;
  return upload(gateway, inputs, adoptedEtag(inputs, present));
}

/** Signs the code that the service gave. */
async function proofOf(gateway: Gateway, inputs: Props, code: string): Promise<string> {
  const certificate = text(inputs, "certificate");
  const pki = loadPki();
  const signer = pki.signerOf(gateway, certificate, text(inputs, "signingKey"));
  return pki.createProof(code, { certificate, signer }, gateway.now());
}

/** Verifies what was uploaded; a failure keeps the upload in the state. */
async function verify(
  gateway: Gateway,
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
      last = await ownCertificate(gateway, inputs, error);
      await prove();
    });
    return outputsOf(inputs, last);
  } catch (error) {
    throw new PartialError(idOf(inputs), outputsOf(inputs, last), error);
  }
}

/** The handler. */
export const handler = (gateway: Gateway): Handler => ({
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
    return { id: idOf(inputs), outs: await verify(gateway, inputs, await uploadFirst(gateway, inputs)) };
  },
  async read(id, props) {
    const response = await clientOf(gateway, props).get();
    if (!response) return GONE;
    // Without a thumbprint, its creation was interrupted: another certificate of the name is not ours.
    const isBegun = props.thumbprint === undefined;
    const isOurs = response.properties.thumbprint === (isBegun ? thumbprintOf(props) : props.thumbprint);
    if (isBegun && !isOurs) return GONE;
    // Another certificate under our name: its thumbprint in place of the PEM is what the next diff sees.
    const certificate = isOurs ? props.certificate : unknownCertificate(response.properties.thumbprint);
    return { id, props: outputsOf({ ...props, certificate }, response) };
  },
  async import(id) {
    const parsed = parseCertificateId(id);
    if (parsed === undefined)
      throw new Error(
        `"${id}" is not the ARM ID of a certificate of a provisioning service.\n` +
          "  To fix: give /subscriptions/…/provisioningServices/NAME/certificates/CERTIFICATE.",
      );
    const { serviceId: provisioningServiceId, name } = parsed;
    const response = await gateway.certificate(provisioningServiceId, name).get();
    if (response === undefined) return GONE;
    // How it was verified is not known, and of no effect any more.
    const certificate = unknownCertificate(response.properties.thumbprint);
    const inputs = { provisioningServiceId, name, certificate, verification: "asserted" };
    return { id: idOf(inputs), props: outputsOf(inputs, response), inputs };
  },
  async update(_id, olds, news) {
    const present = await clientOf(gateway, news).get();
    if (!present) return { outs: await verify(gateway, news, await upload(gateway, news)) };
    if (present.properties.thumbprint === thumbprintOf(news)) return { outs: await verify(gateway, news, present) };
    const etag = optionalText(olds, "etag") ?? present.etag;
    return { outs: await verify(gateway, news, await upload(gateway, news, etag)) };
  },
  async delete(_id, props) {
    const client = clientOf(gateway, props);
    const present = await client.get();
    if (present) await client.delete(present.etag);
  },
});
