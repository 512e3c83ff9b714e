import { hubHost } from "../../azure/hosts";
import type { Directory, TokenJudge } from "../kernel/directory";
import type { Operation, Request } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";
import type { Services } from "../kernel/services";
import { deleteDevice, getDevice, putDevice } from "./devices/deviceOperations";
import { IdentityStore } from "./devices/identityStore";
import { deviceStatistics, listDevices, queryDevices } from "./devices/registry";
import { type EventQuery, EventStore, type HubEvent } from "./events/eventStore";
import { sendEvent } from "./events/sendDeviceEvent";
import type { HubDependencies } from "./hubDependencies";
import { type HubFail, hubErrors } from "./hubErrors";
import { getTwin, replaceTwin, updateTwin } from "./twins/twinOperations";
import { TwinStore } from "./twins/twinStore";

/** Reads a hub's events for the control listener. */
export interface EventReader {
  /** `hub` is a hub's name or host name. Undefined when there is no such hub. */
  read(hub: string, query?: EventQuery): readonly HubEvent[] | undefined;
}

/** The data plane of all IoT hubs. */
export interface HubService {
  /** Answers at `NAME.azure-devices.net`, service and device API. */
  readonly definition: ServiceDefinition;
  readonly events: EventReader;
  /** The registries: the provisioning service creates devices in them. */
  readonly identities: IdentityStore;
  readonly operations: readonly Operation[];
}

function hubFace(operations: readonly Operation[], fail: HubFail, ids: Services["ids"]): ServiceDefinition {
  const notEmulated = (request: Request) =>
    fail("NotEmulated", `${request.method} ${request.path} is not emulated by the local Azure`);
  return {
    name: "hub",
    operations,
    headers: () => ({ "x-ms-request-id": ids.guid() }),
    notFound: notEmulated,
    badBody: () => fail("ArgumentInvalid", "the body is not JSON"),
    badPath: () => fail("ArgumentInvalid", "the path is not percent-encoded as it should be"),
    tooLarge: () => fail("MessageTooLarge", "the body is larger than 4 MB"),
    internal: () => fail("ServerError", "a fault of the local Azure; its log says more"),
    before(request) {
      if (!request.query.get("api-version")) throw fail("InvalidProtocolVersion", "the api-version is missing");
      return undefined;
    },
  };
}

/** Makes the hubs' data plane: tables, operations, and the face for `mountService`. */
export function hubService(
  services: Pick<Services, "database" | "clock" | "ids">,
  { directory, tokens }: { readonly directory: Directory; readonly tokens: TokenJudge },
): HubService {
  const { database, clock, ids } = services;
  const fail = hubErrors(services);
  const identities = new IdentityStore(services);
  const twins = new TwinStore(services);
  const events = new EventStore(services);
  directory.onRemoved((kind, key) => {
    if (kind !== "hub") return;
    identities.removeAll(key);
    events.removeAll(key);
  });
  const deps: HubDependencies = { database, clock, ids, directory, tokens, fail, identities, twins, events };
  const operations = [
    getDevice,
    putDevice,
    deleteDevice,
    listDevices,
    queryDevices,
    getTwin,
    updateTwin,
    replaceTwin,
    deviceStatistics,
    sendEvent,
  ].map((make) => make(deps));
  const reader: EventReader = {
    read(hub, query) {
      const record = directory.hub((hub.includes(".") ? hub : hubHost(hub)).toLowerCase());
      return record && events.read(record.key, query);
    },
  };
  return { definition: hubFace(operations, fail, ids), events: reader, identities, operations };
}
