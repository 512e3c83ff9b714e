import { type ClientKey, clientPath } from "../../hub/connections/clientKey";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { AmqpClient } from "../amqpDependencies";
import { AmqpError, amqpErrorOf, CONDITION } from "../amqpErrors";
import type { IncomingLink, OutgoingLink } from "../amqpLinks";
import { amqpRequest } from "../amqpRequest";
import type { AddressParams, LinkRoute } from "../linkRoutes";
import { DeviceSession, type DeviceSessionDependencies } from "./deviceSession";
import type { HubTokens } from "./hubTokens";

/** The property of a link by which a device names its digital twin model (azure-iot-sdk-csharp). */
const MODEL_ID = "com.microsoft:model-id";

/** The longest delay of a timer, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The links of devices and modules. A device proves itself by its certificate or its token when a link attaches; when its token
 * expires without a newer one, its links end. One connection may carry many devices.
 */
export function deviceLinks(client: AmqpClient, tokens: HubTokens, deps: DeviceSessionDependencies): LinkRoute[] {
  const sessions = new Map<string, DeviceSession>();

  /** Returns a device's session, with a request of the device. Throws the hub's 401 or 404. */
  const open = (link: IncomingLink | OutgoingLink, params: AddressParams) => {
    const { deviceId = "", moduleId } = params;
    const key: DeviceKey = { deviceId, moduleId };
    const path = clientPath(key);
    const authenticate = () => {
      const token = tokens.find(path);
      const given = { method: "POST", path: `/${path}/messages/events`, params };
      const request = amqpRequest(client, link, { ...given, headers: { authorization: token?.header } });
      return { request, expiry: token?.expiry, sender: deps.devices.authenticate(request, key) };
    };
    const { sender, request, expiry } = authenticate();
    const connecting = { hub: sender.hub.key, ...key };
    const session = sessions.get(path) ?? begin(connecting, path);
    if (expiry !== undefined) endAtExpiry(expiry, link, () => authenticate().expiry);
    const { [MODEL_ID]: given } = link.properties;
    const modelId = typeof given === "string" && given !== "" ? given : undefined;
    if (modelId !== undefined) {
      deps.devices.setModel(connecting, modelId).catch((error: unknown) => link.close(amqpErrorOf(error)));
    }
    return { session, sender: { ...sender, modelId }, request };
  };

  const begin = (key: ClientKey, path: string): DeviceSession => {
    const session = new DeviceSession(key, deps, () => sessions.delete(path));
    sessions.set(path, session);
    return session;
  };

  const endAtExpiry = (expiry: number, link: IncomingLink | OutgoingLink, renewed: () => number | undefined): void => {
    const timer = setTimeout(
      () => {
        try {
          const next = renewed();
          if (next !== undefined) endAtExpiry(next, link, renewed);
        } catch {
          link.close(new AmqpError(CONDITION.unauthorized, "the shared access signature has expired"));
        }
      },
      Math.min(Math.max(expiry - deps.devices.now(), 1) * 1000, LONGEST_TIMER),
    ).unref();
    link.onClosed(() => clearTimeout(timer));
  };

  const nodes: readonly [
    address: string,
    {
      sends?(opened: ReturnType<typeof open>, link: IncomingLink): void;
      receives?(opened: ReturnType<typeof open>, link: OutgoingLink): void;
    },
  ][] = [
    ["messages/events", { sends: ({ session, sender, request }, link) => session.telemetry(link, sender, request) }],
    ["messages/devicebound", { receives: ({ session }, link) => session.deviceBound(link) }],
    [
      "methods/devicebound",
      {
        sends: ({ session }, link) => session.methodResponses(link),
        receives: ({ session }, link) => session.methodCalls(link),
      },
    ],
    [
      "twin",
      {
        sends: ({ session }, link) => session.twinRequests(link),
        receives: ({ session }, link) => session.twinResponses(link),
      },
    ],
  ];
  return ["/devices/:deviceId", "/devices/:deviceId/modules/:moduleId"].flatMap((owner) =>
    nodes.flatMap(([node, { sends, receives }]): LinkRoute[] => {
      const address = `${owner}/${node}`;
      const routes: LinkRoute[] = [];
      if (sends) {
        routes.push({
          from: "client",
          address,
          attach: (link, params) => sends(open(link, params), link),
        });
      }
      if (receives) {
        routes.push({
          from: "service",
          address,
          attach: (link, params) => receives(open(link, params), link),
        });
      }
      return routes;
    }),
  );
}
