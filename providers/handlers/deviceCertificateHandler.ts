/**
 * Handler of DeviceCertificate: a device's leaf and key, issued by a CA of the stack. The key is kept in the stack's state,
 * or with the chain as a certificate of a vault, and then the state has the id of its secret alone.
 */
import { vaultIdOf } from "../../azure/vaultIds";
import { KEY_ALGORITHM_NAMES, type KeyAlgorithmName } from "../../certs/algorithms";
import { isRevokedCertificate, renewalReason } from "./certificates/certificateRenewal";
import type { AzureGateway } from "./resource/azureGateway";
import {
  checkFields,
  diffFields,
  type Fields,
  missingFields,
  named,
  oneOf,
  optionalText,
  pemCertificates,
  pickFields,
  text,
  whole,
} from "./resource/fields";
import { GONE, type Handler, PartialError, type Props } from "./resource/handler";
import {
  claimName,
  claimOf,
  ignoreLostVault,
  isInVault,
  noneWithoutVault,
  OWNER_TAG,
  releaseName,
  softDeletedError,
  vaultAddress,
  whenSettled,
} from "./vault/vaultObject";

type Gateway = Pick<AzureGateway, "vaultCertificates" | "vaultKeys" | "vaultSecrets" | "now" | "log" | "pause">;

/**
 * Inputs. The issuer's key, PEM or the id of a key in a vault, follows from its certificate and is kept out of the outputs.
 * With a `vaultUri` the device's own key is kept in that vault under `storedName`.
 */
export const FIELDS: Fields = {
  registrationId: { isRequired: true, onChange: "replace", validate: named("x509RegistrationId") },
  issuerCertificate: { isRequired: true, validate: pemCertificates },
  issuerKey: { isRequired: true, onChange: "ignore" },
  issuerChain: { default: "" },
  keyAlgorithm: { default: "EC-P256", validate: oneOf(...KEY_ALGORITHM_NAMES) },
  lifetimeDays: { default: 365, validate: whole(1, 36_500) },
  renewBeforeDays: { default: 30, onChange: "ignore", validate: whole(0, 36_500) },
  revokedThumbprints: { onChange: "ignore" },
  vaultUri: { onChange: "replaceWithParent", validate: vaultAddress },
  storedName: { onChange: "replace", validate: named("vaultObject") },
  owner: { onChange: "ignore" },
  softDeleted: { onChange: "ignore", validate: softDeletedError },
  vaultOfStack: { onChange: "ignore" },
};

const clientOf = (gateway: Gateway, props: Props) => gateway.vaultCertificates(text(props, "vaultUri"));

/** Imports key and chain into the vault, and returns their references. `olds` are outputs that name an earlier version. */
async function store(
  gateway: Gateway,
  inputs: Props,
  { privateKey: key, chain }: { readonly privateKey: string; readonly chain: string },
  olds: Props,
): Promise<Record<string, unknown>> {
  const client = clientOf(gateway, inputs);
  const claim = claimOf(inputs, text(inputs, "storedName"), optionalText(olds, "storedId"));
  const bundle = await whenSettled(gateway, claim.name, async () => {
    await claimName(gateway, client, claim);
    return client.importPem(claim.name, `${key.trimEnd()}\n${chain}`, { [OWNER_TAG]: claim.owner });
  });
  return { storedId: bundle.id, secretId: bundle.sid, storedState: "enabled" };
}

async function issue(gateway: Gateway, inputs: Props, olds: Props = {}): Promise<Record<string, unknown>> {
  const pki = require("./certificates/certificateIssuing") as typeof import("./certificates/certificateIssuing");
  const order = {
    registrationId: text(inputs, "registrationId"),
    keyAlgorithm: (inputs.keyAlgorithm ?? FIELDS.keyAlgorithm?.default) as KeyAlgorithmName,
    lifetimeDays: Number(inputs.lifetimeDays ?? FIELDS.lifetimeDays?.default),
    now: gateway.now(),
  };
  const certificate = text(inputs, "issuerCertificate");
  const leaf = await pki.createLeaf(order, {
    certificate,
    signer: pki.signerOf(gateway, certificate, text(inputs, "issuerKey")),
    chain: optionalText(inputs, "issuerChain") ?? "",
  });
  const key = isInVault(inputs) ? await store(gateway, inputs, leaf, olds) : { privateKey: leaf.privateKey };
  return {
    ...pickFields(FIELDS, inputs, ["issuerKey", "revokedThumbprints"]),
    certificate: leaf.certificate,
    certificateChain: leaf.chain,
    thumbprint: leaf.facts.thumbprint,
    notAfter: leaf.facts.notAfter,
    ...key,
  };
}

/** The state if a run stopped while it renewed the certificate: the vault may have a newer version already. */
const STOPPED = "stopped: a run that issued a new one did not come to its end; `pulumi up` issues one";

/** The handler. A change of anything but the name, and the end coming near, issue a new leaf and key. */
export const handler = (gateway: Gateway): Handler => ({
  async check(_olds, news) {
    const result = checkFields(FIELDS, news);
    const needed = result.inputs.vaultUri === undefined ? [] : ["storedName", "owner"];
    result.failures.push(...missingFields(result.inputs, needed, "a key that is kept in a vault needs it"));
    return result;
  },
  async diff(_id, olds, news) {
    const result = diffFields(FIELDS, olds, news);
    const isDisabled = olds.storedState !== undefined && olds.storedState !== "enabled";
    // A revoked certificate gets no successor: with the new one its thumbprint would no longer be the device's.
    if (isRevokedCertificate(olds, news) && result.replaces.length === 0) return { changes: false, replaces: [] };
    const renewal = renewalReason(FIELDS, olds, news, gateway.now());
    if (renewal !== undefined && result.replaces.length === 0) gateway.log(renewal);
    return { ...result, changes: result.changes || isDisabled || renewal !== undefined };
  },
  async create(inputs) {
    return { id: text(inputs, "registrationId"), outs: await issue(gateway, inputs) };
  },
  async read(id, props) {
    if (!isInVault(props)) return { id, props: { ...props } };
    const { name, version } = vaultIdOf("certificates", text(props, "storedId"));
    const bundle = await clientOf(gateway, props).get(name, version).catch(noneWithoutVault);
    // Without its key the certificate is of no use: the next `up` issues a new one.
    if (bundle === undefined) return GONE;
    const isEnabled = bundle.attributes?.enabled !== false;
    const storedState = !isEnabled
      ? "disabled: the device cannot fetch its key; `pulumi up` issues a new one"
      : props.storedState === STOPPED
        ? STOPPED
        : "enabled";
    return { id, props: { ...props, storedState } };
  },
  async import(id) {
    const { importedDevice } =
      require("./certificates/importedDevice") as typeof import("./certificates/importedDevice");
    const found = await importedDevice(gateway, id, { lifetimeDays: Number(FIELDS.lifetimeDays?.default) });
    if (found === undefined) return GONE;
    const { inputs } = checkFields(FIELDS, found.inputs);
    return { id: text(inputs, "registrationId"), props: { ...inputs, ...found.outs }, inputs };
  },
  async update(id, olds, news) {
    try {
      return { outs: await issue(gateway, news, olds) };
    } catch (error) {
      // The vault may have the new one already: the state must say so, for a destroy to take it away.
      if (isInVault(news)) throw new PartialError(id, { ...olds, storedState: STOPPED }, error);
      throw error;
    }
  },
  async delete(_id, props) {
    if (!isInVault(props)) return;
    const [client, claim] = [clientOf(gateway, props), claimOf(props, text(props, "storedName"))];
    const release = async (): Promise<void> => {
      const newest = await client.get(claim.name);
      // A later version belongs to the resource that took this one's place.
      const isOurs = newest === undefined || newest.id === props.storedId || props.storedState === STOPPED;
      if (isOurs) await releaseName(gateway, client, claim);
    };
    await release().catch(ignoreLostVault(gateway, props, claim.name));
  },
});
