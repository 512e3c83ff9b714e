/**
 * Handler of DeviceRegistration: acts as the device. Registers with its own certificate chain, sends one message, and so
 * proves that the whole works; takes the registration record and the hub's identity away again at the end.
 */

import { X509Certificate } from "node:crypto";
import { AzureError } from "../../azure/clients/azureError";
import { type Device as AnyDevice, TRANSPORTS, type TransportName } from "../../azure/devices/device";
import type { AssignedRegistration } from "../../azure/devices/registration";
import { readVaultId } from "../../azure/vaultIds";
import type { DeviceIdentity } from "../../azure/wire/hubIdentity";
import { isObject } from "../../azure/wire/jsonObject";
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
  UNKNOWN,
  whole,
} from "./resource/fields";
import { GONE, type Handler, PartialError, type Props } from "./resource/handler";

type Gateway = Pick<
  AzureGateway,
  "asDevice" | "vaultSecrets" | "identity" | "registrationRecord" | "now" | "pause" | "newId"
>;

type Device = Pick<AnyDevice, "register">;

const hubsError = (value: unknown): string | undefined =>
  Array.isArray(value) && value.every((host) => typeof host === "string" && host !== "")
    ? undefined
    : "must be a list of host names of hubs";

/**
 * Inputs. `privateKey` is PEM, or the id of a vault's secret. `temperature` is what the message says, in degrees Celsius, and
 * `transport` how the device registers and sends it;
 * `enrollment` is the enrollment's revision, `hubs` are the host names of the service's linked hubs: when one of these
 * changes, the device registers again. A device that is `revoked` neither registers nor sends: it would be refused. With
 * `enrollmentDisabled` it stays as it is, and registers again once its enrollment is enabled.
 */
export const FIELDS: Fields = {
  globalEndpoint: { isRequired: true, onChange: "replace" },
  idScope: { isRequired: true, onChange: "replace" },
  serviceEndpoint: { isRequired: true, onChange: "replaceWithParent" },
  registrationId: { isRequired: true, onChange: "replace", validate: named("x509RegistrationId") },
  certificateChain: { isRequired: true, validate: pemCertificates },
  privateKey: { isRequired: true, onChange: "ignore" },
  enrollment: {},
  hubs: { validate: hubsError },
  hubRoleAssignments: { onChange: "ignore" },
  temperature: { default: 30, validate: whole(-100, 200) },
  transport: { default: "https", validate: oneOf(...TRANSPORTS) },
  revoked: { default: false },
  enrollmentDisabled: {},
};

/**
 * The hubs that state was made under. Older state does not have them: it counts as made under the present ones when the device is
 * in one of them, or in none, so that an update of this project alone changes nothing.
 */
function hubsOf({ hubs, assignedHub }: Props, now: unknown): unknown {
  if (hubs !== undefined || !Array.isArray(now)) return hubs;
  const at = String(assignedHub ?? "").toLowerCase();
  return at === "" || now.some((host) => String(host).toLowerCase() === at) ? now : hubs;
}

/** How a hub says over each transport that it has a message. */
const ACCEPTED: Readonly<Record<TransportName, unknown>> = { https: 204, mqtt: "PUBACK", amqp: "accepted" };

const transportOf = ({ transport }: Props): TransportName => (transport ?? FIELDS.transport?.default) as TransportName;

const idOf = (inputs: Props): string => `${text(inputs, "idScope")}/registrations/${text(inputs, "registrationId")}`;

const isAccepted = ({ telemetry, ...olds }: Props): boolean =>
  isObject(telemetry) && telemetry.accepted === ACCEPTED[transportOf(olds)];

/** PEM of a key that was given itself, or by the id of the vault's secret that holds it with its certificates. */
async function keyOf(gateway: Gateway, given: string): Promise<string> {
  const id = readVaultId(given);
  if (id?.kind !== "secrets") return given;
  const { name, version, vaultUri } = id;
  const secret = await gateway.vaultSecrets(vaultUri).get(name, version);
  if (secret === undefined)
    throw new Error(`The vault has no secret ${given}.\n  To fix: run \`pulumi refresh\`, then \`pulumi up\`.`);
  const [pem] = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^-]+-----END \1-----/.exec(secret.value) ?? [];
  if (pem === undefined) throw new Error(`The secret ${given} holds no private key in PEM.`);
  return pem;
}

/** Milliseconds that a role on the hub is waited for, and between two registrations. Azure names ten minutes as the longest. */
const ROLE_TIMEOUT_MS = 600_000;
const ROLE_WAIT_MS = 10_000;

const isUnreachableHub = (error: unknown): boolean =>
  error instanceof AzureError && error.innerCode === "IotHubUnauthorizedAccess";

/** Registers; while the service's identity has a role on the hub that has yet to take effect, again. */
async function register(gateway: Gateway, device: Device, inputs: Props): Promise<AssignedRegistration> {
  const { hubRoleAssignments } = inputs;
  const hasRoles = Array.isArray(hubRoleAssignments) && hubRoleAssignments.length > 0;
  const until = gateway.now().getTime() + (hasRoles ? ROLE_TIMEOUT_MS : 0);
  for (;;) {
    try {
      const [endpoint, idScope] = [text(inputs, "globalEndpoint"), text(inputs, "idScope")];
      return await device.register(endpoint, idScope, text(inputs, "registrationId"));
    } catch (error) {
      if (!isUnreachableHub(error) || gateway.now().getTime() + ROLE_WAIT_MS > until) throw error;
      await gateway.pause(ROLE_WAIT_MS);
    }
  }
}

/** Registers and sends one message. If only the message fails, the registration is kept in the state. */
async function prove(gateway: Gateway, inputs: Props): Promise<Record<string, unknown>> {
  const privateKey = await keyOf(gateway, text(inputs, "privateKey"));
  const credentials = { certificateChain: text(inputs, "certificateChain"), privateKey };
  return gateway.asDevice(transportOf(inputs), credentials, async (device) => {
    const { deviceId, assignedHub, status } = await register(gateway, device, inputs);
    const outs = { ...pickFields(FIELDS, inputs, ["privateKey"]), deviceId, assignedHub, status };
    const sent = { temperature: Number(inputs.temperature ?? FIELDS.temperature?.default) };
    try {
      const messageId = gateway.newId();
      const accepted = await device.sendTelemetry(assignedHub, deviceId, sent, messageId);
      return { ...outs, telemetry: { sent, accepted, messageId, at: gateway.now().toISOString() } };
    } catch (error) {
      throw new PartialError(idOf(inputs), outs, error);
    }
  });
}

/** A preview knows null; an output that a state does not have is unknown to it. */
const NO_TELEMETRY = null;

/** The outputs of a revoked device: where it was assigned before, if anywhere. */
const revoked = (inputs: Props, { deviceId, assignedHub, telemetry }: Props): Record<string, unknown> => ({
  ...pickFields(FIELDS, inputs, ["privateKey"]),
  deviceId: deviceId ?? "",
  assignedHub: assignedHub ?? "",
  status: "disabled",
  telemetry: telemetry ?? NO_TELEMETRY,
});

/** Whether the device cannot register now, because its enrollment is disabled. */
const isPaused = ({ revoked, enrollmentDisabled }: Props): boolean => revoked !== true && enrollmentDisabled === true;

/** The outputs of a device whose enrollment is disabled: those of its registration, if it has one. */
const paused = (inputs: Props, olds?: Props): Record<string, unknown> => ({
  ...(olds ?? { ...pickFields(FIELDS, inputs, ["privateKey"]), deviceId: "", assignedHub: "", status: "unassigned" }),
  telemetry: olds?.telemetry ?? NO_TELEMETRY,
  revoked: false,
  enrollmentDisabled: true,
});

/** Whether the hub knows the device by a certificate that is not ours: another registration has its ID now. */
function isOthers({ authentication }: DeviceIdentity, chain: string | undefined): boolean {
  const known = authentication?.x509Thumbprint?.primaryThumbprint?.toUpperCase();
  if (!known || chain === undefined) return false;
  const { fingerprint, fingerprint256 } = new X509Certificate(chain);
  return ![fingerprint, fingerprint256].some((ours) => ours.replaceAll(":", "") === known);
}

/** New hardware may have taken the device's ID over, under a registration ID of its own: that identity is left to it. */
async function removeIdentity(gateway: Gateway, props: Props): Promise<void> {
  const [hub, deviceId] = [optionalText(props, "assignedHub"), optionalText(props, "deviceId")];
  if (hub === undefined || deviceId === undefined) return;
  const identity = await gateway.identity(hub, deviceId).get();
  if (!identity || isOthers(identity, optionalText(props, "certificateChain"))) return;
  await gateway.identity(hub, deviceId).delete();
}

/** The handler. */
export const handler = (gateway: Gateway): Handler => ({
  async check(_olds, news) {
    return checkFields(FIELDS, news);
  },
  async diff(_id, olds, news) {
    // The ID scope is the service's own, and stays with it: a preview of an update of the service does not know it.
    const idScope = news.idScope === UNKNOWN ? olds.idScope : news.idScope;
    const result = diffFields(FIELDS, { ...olds, hubs: hubsOf(olds, news.hubs) }, { ...news, idScope });
    if (isPaused(news))
      return { ...result, changes: result.replaces.length > 0 || !isPaused(olds), deleteBeforeReplace: true };
    const isAssigned = olds.status === "assigned" && isAccepted(olds);
    const isWhole = news.revoked === true ? olds.status === "disabled" : isAssigned;
    // The old one's end takes the hub's identity away, which a new one made before it would share.
    return { ...result, changes: result.changes || !isWhole, deleteBeforeReplace: true };
  },
  async create(inputs) {
    const id = idOf(inputs);
    if (isPaused(inputs)) return { id, outs: paused(inputs) };
    return { id, outs: inputs.revoked === true ? revoked(inputs, {}) : await prove(gateway, inputs) };
  },
  async read(id, props) {
    if (props.revoked === true || isPaused(props))
      return { id, props: { ...props, telemetry: props.telemetry ?? NO_TELEMETRY } };
    const record = await gateway
      .registrationRecord(text(props, "serviceEndpoint"), text(props, "registrationId"))
      .get();
    if (!record) return GONE;
    const deviceId = record.deviceId ?? props.deviceId;
    const assignedHub = record.assignedHub ?? props.assignedHub;
    const seen = { ...props, deviceId, assignedHub, status: record.status };
    if (typeof assignedHub !== "string" || typeof deviceId !== "string") return { id, props: seen };
    // A record without its identity: the next `up` registers again, which creates the identity.
    const identity = await gateway.identity(assignedHub, deviceId).get();
    if (!identity) return GONE;
    return { id, props: identity.status === "disabled" ? { ...seen, status: "disabled" } : seen };
  },
  async update(id, olds, news) {
    if (news.revoked === true) return { outs: revoked(news, olds) };
    if (isPaused(news)) return { outs: paused(news, olds) };
    const failed = (error: unknown): never => {
      throw new PartialError(id, { ...olds, status: "failed" }, error);
    };
    // Registered, and the message failed: the assignment is new all the same.
    const outcome = await prove(gateway, news).catch((error: unknown) =>
      error instanceof PartialError ? error : failed(error),
    );
    const { assignedHub, deviceId } = outcome instanceof PartialError ? outcome.properties : outcome;
    // Assigned elsewhere now, or under another ID: the old identity is deleted. While that fails it stays in the state, and
    // the next update tries again.
    if (olds.assignedHub !== assignedHub || olds.deviceId !== deviceId)
      await removeIdentity(gateway, olds).catch(failed);
    if (outcome instanceof PartialError) throw outcome;
    return { outs: outcome };
  },
  async delete(_id, props) {
    await gateway.registrationRecord(text(props, "serviceEndpoint"), text(props, "registrationId")).delete();
    await removeIdentity(gateway, props);
  },
});
