import { parseSas } from "../../../azure/sas";
import type { DeviceApi } from "../../hub/deviceApi";
import type { ServiceApi } from "../../hub/serviceApi";
import { validateSas } from "../../kernel/authorizeCaller";
import type { AdmitOperation } from "../../kernel/callOperation";
import { type Clock, unixSeconds } from "../../kernel/clock";
import type { Directory, HubRecord } from "../../kernel/directory";
import { WireError } from "../../kernel/operation";
import type { AmqpClient, AmqpContainer, AmqpEndpoint } from "../amqpDependencies";
import { AmqpError, CONDITION } from "../amqpErrors";
import { amqpRequest } from "../amqpRequest";
import { cbsNode } from "../cbsNode";
import { deviceLinks } from "./deviceLinks";
import { eventsRedirects } from "./eventsRedirect";
import { HubTokens } from "./hubTokens";
import { serviceLinks } from "./serviceLinks";

/** What the hubs' endpoint depends on. */
export interface HubEndpointDependencies {
  readonly directory: Pick<Directory, "hub">;
  readonly clock: Clock;
  readonly devices: DeviceApi;
  readonly service: ServiceApi;
  /** Admits the operations of the hubs. */
  readonly admit: AdmitOperation;
}

/** Rights of a policy that AMQP has a use for. */
const RIGHTS = ["ServiceConnect", "DeviceConnect"];

/** The response to a token: the Node SDKs take no other (azure-iot-amqp-base, `amqp_cbs`). Event Hubs send 202. */
const PUT_TOKEN_ACCEPTED = { status: 200, description: "OK" };

/** SASL PLAIN's user name: `POLICY@sas.root.HUB` of a policy, `DEVICE@sas.HUB` of a device. */
const PLAIN_USER = /^(.+)@sas\.(root\.)?([^@]+)$/i;

function isAllowed(authorize: () => unknown): boolean {
  try {
    authorize();
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/** The AMQP endpoint of IoT hubs, `NAME.azure-devices.net`, for devices, modules and services. */
export function hubAmqpEndpoint(deps: HubEndpointDependencies): AmqpEndpoint {
  return (client) => {
    const hub = deps.directory.hub(client.host);
    if (!hub) throw new AmqpError(CONDITION.notFound, `no IoT hub has the host name ${client.host}`);
    return containerOf(client, hub, deps);
  };
}

function containerOf(client: AmqpClient, hub: HubRecord, deps: HubEndpointDependencies): AmqpContainer {
  const tokens = new HubTokens(client);
  const policyError = (header: string, rights: readonly string[]) =>
    validateSas(header, {
      resource: client.host,
      // They may have changed since the client connected.
      policies: deps.directory.hub(client.host)?.policies ?? [],
      rights,
      at: unixSeconds(deps.clock),
    });

  /** Throws unless a token for a path of the hub proves something. */
  const judge = (header: string, path: readonly string[]): void => {
    const request = amqpRequest(client, undefined, {
      method: "POST",
      path: "/",
      params: {},
      headers: { authorization: header },
    });
    const [collection = "", deviceId, modules, moduleId] = path;
    if (collection.toLowerCase() === "devices" && deviceId !== undefined) {
      deps.devices.authenticate(request, { deviceId, moduleId: modules === undefined ? undefined : moduleId });
      return;
    }
    const policy = parseSas(header)?.policy;
    if (policy !== undefined) {
      const error = path.length > 0 ? "resource" : policyError(header, RIGHTS);
      if (error) throw new AmqpError(CONDITION.unauthorized, `shared access signature: ${error}`);
      return;
    }
    const needs = ["send", "feedback", "fileNotifications"] as const;
    if (!needs.some((need) => isAllowed(() => deps.service.authorize(request, need)))) {
      deps.service.authorize(request, "send");
    }
  };

  return {
    authenticate(userName, password) {
      const [, name, isPolicy, hubName] = PLAIN_USER.exec(userName) ?? [];
      const sas = parseSas(password);
      if (name === undefined || !sas || hubName?.toLowerCase() !== hub.name.toLowerCase()) return false;
      if (isPolicy && sas.policy?.toLowerCase() !== name.toLowerCase()) return false;
      try {
        tokens.put({ kind: "sas", token: password, audience: "" }, judge);
        return true;
      } catch (error) {
        if (error instanceof AmqpError || error instanceof WireError) return false;
        throw error;
      }
    },
    links: [
      ...cbsNode((token) => tokens.put(token, judge), PUT_TOKEN_ACCEPTED),
      ...serviceLinks(client, tokens, deps),
      ...eventsRedirects(hub, () => {
        const header = tokens.find("")?.header;
        return header !== undefined && policyError(header, ["ServiceConnect"]) === undefined;
      }),
      ...deviceLinks(client, tokens, deps),
    ],
  };
}
