import { type ClientKey, clientPath } from "./clientKey";

/** A call of a direct method, on its way to the device. */
export interface MethodRequest {
  /** Unique in the process; the transport returns it with the response. */
  readonly requestId: string;
  readonly name: string;
  /** Any JSON; undefined for none. */
  readonly payload: unknown;
}

/** A patch of desired properties: the service's change, and the version of the section after it. */
export interface DesiredPatch {
  readonly patch: Readonly<Record<string, unknown>>;
  readonly version: number;
}

/** What a transport does for a connected client. */
export interface Transport {
  /** Ends the connection; the reason goes into the log. Must not throw. */
  end(reason: string): void;
}

/**
 * A client's connection. A transport opens one for each client that connects ({@link ConnectionRegistry.open}), sets what the
 * client has subscribed to, and closes it. Setting a receiver again replaces it; undefined ends the subscription.
 */
export interface Connection {
  readonly client: ClientKey;
  /** Receives calls of direct methods; the transport passes the response to `MethodInvocations.respond`. */
  receiveMethods?: (request: MethodRequest) => void;
  /** Receives patches of desired properties. */
  receiveDesired?: (patch: DesiredPatch) => void;
}

interface OpenConnection extends Connection {
  readonly transport: Transport;
}

type StateListener = (client: ClientKey, state: "Connected" | "Disconnected") => void;

/**
 * Who is connected to the hubs now, over any transport with connections (MQTT, AMQP). A client has one connection: a newer
 * one ends the older, as in Azure. In memory: connections end with the process.
 */
export class ConnectionRegistry {
  readonly #hubs = new Map<string, Map<string, OpenConnection>>();
  readonly #stateListeners: StateListener[] = [];
  readonly #closeListeners: ((connection: Connection) => void)[] = [];
  readonly #methodListeners: ((client: ClientKey) => void)[] = [];

  /** Opens a client's connection, and ends the one that it had. */
  open(client: ClientKey, transport: Transport): Connection {
    const clients = this.#hubs.get(client.hub) ?? new Map<string, OpenConnection>();
    this.#hubs.set(client.hub, clients);
    const path = clientPath(client);
    const older = clients.get(path);
    const announce = () => this.#announceMethods(client);
    let methods: Connection["receiveMethods"];
    const connection: OpenConnection = {
      client,
      transport,
      get receiveMethods() {
        return methods;
      },
      set receiveMethods(receive) {
        methods = receive;
        if (receive) announce();
      },
    };
    clients.set(path, connection);
    if (older) this.#end(older, "the client has a new connection");
    else this.#notify(client, "Connected");
    return connection;
  }

  /** Notes that a connection is closed; does nothing if a newer one has replaced it. */
  close(connection: Connection): void {
    const clients = this.#hubs.get(connection.client.hub);
    const path = clientPath(connection.client);
    if (clients?.get(path) !== connection) return;
    clients.delete(path);
    if (clients.size === 0) this.#hubs.delete(connection.client.hub);
    for (const listener of this.#closeListeners) listener(connection);
    this.#notify(connection.client, "Disconnected");
  }

  /** Returns the client's connection; undefined if it has none. */
  find(client: ClientKey): Connection | undefined {
    return this.#hubs.get(client.hub)?.get(clientPath(client));
  }

  /** How many devices of a hub are connected; modules are not counted. */
  count(hub: string): number {
    return [...(this.#hubs.get(hub)?.values() ?? [])].filter(({ client }) => client.moduleId === undefined).length;
  }

  /** Ends a client's connection, for example of a device that was disabled. */
  end(client: ClientKey, reason: string): void {
    const connection = this.#hubs.get(client.hub)?.get(clientPath(client));
    if (!connection) return;
    this.close(connection);
    connection.transport.end(reason);
  }

  /** Ends the connections of a device and of its modules. */
  endDevice(hub: string, deviceId: string, reason: string): void {
    for (const { client } of [...(this.#hubs.get(hub)?.values() ?? [])]) {
      if (client.deviceId === deviceId) this.end(client, reason);
    }
  }

  /** Ends all connections of a hub, or of all hubs. */
  endAll(reason: string, hub?: string): void {
    const hubs = hub === undefined ? [...this.#hubs.values()] : [this.#hubs.get(hub)];
    for (const { client } of hubs.flatMap((clients) => [...(clients?.values() ?? [])])) this.end(client, reason);
  }

  /** Calls the listener when a client connects or disconnects; a replaced connection is neither. */
  onState(listener: StateListener): void {
    this.#stateListeners.push(listener);
  }

  /** Calls the listener after each end of a connection, of a replaced one too. */
  onClosed(listener: (connection: Connection) => void): void {
    this.#closeListeners.push(listener);
  }

  /** Calls the listener when a client begins to receive calls of direct methods. */
  onMethods(listener: (client: ClientKey) => void): void {
    this.#methodListeners.push(listener);
  }

  #announceMethods(client: ClientKey): void {
    for (const listener of this.#methodListeners) listener(client);
  }

  #end(connection: OpenConnection, reason: string): void {
    for (const listener of this.#closeListeners) listener(connection);
    connection.transport.end(reason);
  }

  #notify(client: ClientKey, state: "Connected" | "Disconnected"): void {
    for (const listener of this.#stateListeners) listener(client, state);
  }
}
