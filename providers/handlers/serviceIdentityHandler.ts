/**
 * Handler of ServiceIdentity: reads the object ID of a provisioning service's system-assigned identity, to which a role is
 * assigned. It makes nothing.
 */
import type { AzureGateway } from "./resource/azureGateway";
import { checkFields, diffFields, type Fields, pickFields, text } from "./resource/fields";
import { GONE, type Handler, type Props } from "./resource/handler";
import { importedServiceId } from "./resource/importId";

type Gateway = Pick<AzureGateway, "provisioningService" | "now" | "pause">;

export const FIELDS: Fields = {
  provisioningServiceId: { isRequired: true, onChange: "replaceWithParent" },
};

/** Milliseconds that a new identity is waited for, and between two looks. */
const TIMEOUT_MS = 120_000;
const WAIT_MS = 5_000;

const principalOf = async (gateway: Gateway, props: Props): Promise<string | undefined> =>
  (await gateway.provisioningService(text(props, "provisioningServiceId")).get())?.identity?.principalId;

async function outputsOf(gateway: Gateway, inputs: Props): Promise<Record<string, unknown>> {
  const until = gateway.now().getTime() + TIMEOUT_MS;
  for (;;) {
    const principalId = await principalOf(gateway, inputs);
    if (principalId !== undefined) return { ...pickFields(FIELDS, inputs), principalId };
    if (gateway.now().getTime() + WAIT_MS > until) break;
    await gateway.pause(WAIT_MS);
  }
  throw new Error(
    "The provisioning service has no system-assigned identity to link its hubs by.\n" +
      "  To fix: run `pulumi refresh`, then `pulumi up`, which assigns it; or set `linkBy` to `key`.",
  );
}

const idOf = (inputs: Props): string => `${text(inputs, "provisioningServiceId")}/identity`;

/** The handler. */
export const handler = (gateway: Gateway): Handler => ({
  async check(_olds, news) {
    return checkFields(FIELDS, news);
  },
  async diff(_id, olds, news) {
    const result = diffFields(FIELDS, olds, news);
    return { ...result, changes: result.changes || olds.principalId === undefined, deleteBeforeReplace: true };
  },
  async create(inputs) {
    return { id: idOf(inputs), outs: await outputsOf(gateway, inputs) };
  },
  async read(id, props) {
    const principalId = await principalOf(gateway, props);
    return principalId === undefined ? GONE : { id, props: { ...props, principalId } };
  },
  async import(id) {
    const inputs = { provisioningServiceId: importedServiceId("Service identity", id, "identity") };
    const principalId = await principalOf(gateway, inputs);
    return principalId === undefined ? GONE : { id: idOf(inputs), props: { ...inputs, principalId }, inputs };
  },
  async update(_id, _olds, news) {
    return { outs: await outputsOf(gateway, news) };
  },
  async delete() {},
});
