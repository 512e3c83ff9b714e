import { createPublicKey } from "node:crypto";
import { VaultSigner } from "../../azure/clients/vaultSigner";
import { readVaultId } from "../../azure/vaultIds";
import { algorithmOf } from "../../certs/algorithms";
import { readCertificate } from "../../certs/certificate";
import { CertsError } from "../../certs/errors";
import { type Issuer, issueIntermediate } from "../../certs/issue";
import { commonNameError } from "../../certs/names";
import { type CertificateRequest, readRequest } from "../../certs/request";
import { KeySigner } from "../../certs/signer";
import { OperatorError } from "../operatorError";
import type { StackConfiguration } from "../stack/operatorStack";
import { changeStack } from "../stack/stackChange";
import type { StackDependencies } from "../stack/stackDependencies";
import { withStackLock } from "../stack/stackLock";
import { type Authority, authoritiesOf, certificateSummary } from "../stack/stampInformation";
import type { CommandContext, CommandOutput, OperatorCommand } from "./operatorCommand";
import { numberParameter, textParameter } from "./stackCommand";

const COMMAND = "New-IntermediateCertificate";

/** The authority that issues. Errors: NotFound. */
async function issuing({ stack }: StackDependencies, configuration: StackConfiguration, now: Date): Promise<Authority> {
  const authorities = authoritiesOf(await stack.resources(), configuration, now);
  const found = authorities.find(({ isIssuing }) => isIssuing) ?? authorities.at(-1);
  if (found !== undefined) return found;
  throw new OperatorError("NotFound", "The stack has no certificate authority.", "deploy the stack first");
}

/** The root of an authority with its key, from the stack's secrets or in the key vault. */
async function issuerOf({ stack, azure }: StackDependencies, authority: Authority): Promise<Issuer> {
  const certificate = readCertificate(authority.rootCertificate);
  const { rootKeyId: keyId } = authority;
  if (keyId !== undefined) {
    const vaultUri = readVaultId(keyId)?.vaultUri ?? "";
    const algorithm = algorithmOf(createPublicKey({ key: certificate.spki, format: "der", type: "spki" }));
    return { certificate, signer: new VaultSigner(azure.vaultKeys(vaultUri), keyId, certificate.spki, algorithm) };
  }
  const key = await stack.secret(authority.urn, "rootKey");
  if (key !== undefined) return { certificate, signer: KeySigner.fromPem(key) };
  throw new OperatorError("NotFound", "The stack has no key of the root.", "refresh the stack: pulumi refresh");
}

/** Reads base64 of a request, with or without PEM labels. Errors: ParameterInvalid. */
function requestOf(text: string): CertificateRequest {
  try {
    return readRequest(text.replace(/-----(?:BEGIN|END) (?:NEW )?CERTIFICATE REQUEST-----/g, ""));
  } catch (cause) {
    if (!(cause instanceof CertsError)) throw cause;
    const remedy = "pass one line: openssl req -in ca.csr -outform DER | base64 -w0";
    throw new OperatorError("ParameterInvalid", `-CertificateRequest: ${cause.message}.`, remedy, { cause });
  }
}

/** Signs the request of another CA with the root. Errors: ParameterInvalid, StackBusy. */
function issueFor(
  dependencies: StackDependencies,
  context: CommandContext,
  order: { readonly request: string; readonly commonName: string; readonly lifetimeDays: number | undefined },
): Promise<CommandOutput> {
  const { publicKey } = requestOf(order.request);
  return withStackLock(context, COMMAND, async () => {
    const now = context.clock.now();
    const authority = await issuing(dependencies, await dependencies.stack.configuration(), now);
    const issuer = await issuerOf(dependencies, authority);
    try {
      const { commonName, lifetimeDays } = order;
      const issued = await issueIntermediate({ commonName, publicKey, issuer, lifetimeDays, clock: context.clock });
      const certificate = issued.toPem();
      const value = { ...certificateSummary(certificate, now), certificate, chain: authority.rootCertificate };
      return { value, text: `${certificate}${authority.rootCertificate}`.trimEnd() };
    } catch (cause) {
      if (!(cause instanceof CertsError)) throw cause;
      const remedy = "correct the request, the name or the lifetime";
      throw new OperatorError("ParameterInvalid", `The root does not sign this: ${cause.message}.`, remedy, { cause });
    }
  });
}

/** Renews the stack's own intermediate by its configuration. */
async function renew(
  dependencies: StackDependencies,
  context: CommandContext,
  order: { readonly commonName: string; readonly lifetimeDays: number | undefined },
): Promise<CommandOutput> {
  const { commonName, lifetimeDays } = order;
  const { changes, configuration } = await changeStack(dependencies.stack, context, COMMAND, ({ rootName }) => {
    if (commonName === rootName) {
      const remedy = "choose another name: a certificate that names itself as issuer looks self-signed";
      throw new OperatorError("ParameterInvalid", "-Name is the name of the root.", remedy);
    }
    const days = lifetimeDays === undefined ? {} : { intermediateLifetimeDays: String(lifetimeDays) };
    return { intermediateName: commonName, ...days };
  });
  const { intermediate } = await issuing(dependencies, configuration, context.clock.now());
  return { value: { ...intermediate, changes } };
}

/**
 * New-IntermediateCertificate: signs with the root of the newest CA generation. With a certificate request, the new CA has
 * its key elsewhere; without one, the stack's intermediate is replaced and its devices get certificates of the new one.
 */
export const newIntermediateCertificate = (dependencies: StackDependencies): OperatorCommand => ({
  name: COMMAND,
  about:
    "Signs an intermediate CA with the root: for a certificate request, or in place of the stack's own intermediate.",
  parameters: [
    { name: "Name", type: "String", about: "Common name, 1 to 64 characters.", isMandatory: true, position: 0 },
    {
      name: "CertificateRequest",
      type: "String",
      about: "PKCS#10 request as base64 in one line. Default: a new intermediate of the stack.",
      to: 16_384,
    },
    {
      name: "LifetimeDays",
      type: "Int32",
      about: "Lifetime in days, at most the root's. Default: 1825, or the present configuration.",
      from: 1,
      to: 36_500,
    },
  ],
  role: "operator",
  example: 'New-IntermediateCertificate -Name "Line 2 CA" -LifetimeDays 730',
  async run(parameters, context) {
    const commonName = textParameter(parameters, "Name") ?? "";
    const rule = commonNameError(commonName);
    if (rule !== undefined) throw new OperatorError("ParameterInvalid", `-Name: ${rule}.`, "choose another name");
    const request = textParameter(parameters, "CertificateRequest");
    const lifetimeDays = numberParameter(parameters, "LifetimeDays");
    return request === undefined
      ? renew(dependencies, context, { commonName, lifetimeDays })
      : issueFor(dependencies, context, { request, commonName, lifetimeDays });
  },
});
