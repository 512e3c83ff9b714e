import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join, resolve } from "node:path";
import { type Logger, pino } from "pino";
import { amqpService } from "./amqp/amqpService";
import { hubAmqpEndpoint } from "./amqp/hub/hubAmqpEndpoint";
import { provisioningAmqpEndpoint } from "./amqp/provisioning/provisioningAmqpEndpoint";
import { assemble, type Dispatch, mount } from "./assemble";
import { BoundedLog, shortDetail } from "./boundedLog";
import type { Ready } from "./contract/ready";
import { controlService } from "./control/controlService";
import { FaultInjector } from "./control/faultInjector";
import { LatencyStore } from "./dps/allocation/latencyStore";
import { openIdentity } from "./entra/applicationIdentity";
import { openSigningKey, prepareSigningKey } from "./entra/signingKey";
import { openTenant } from "./entra/tenant";
import { openAuthority } from "./front/authority";
import { openStorageSetting } from "./front/azurite";
import { createConnectProxy } from "./front/connectProxy";
import { Contexts } from "./front/contexts";
import { createDirectListener } from "./front/directListener";
import { OpenRequests } from "./front/openRequests";
import { Terminator } from "./front/terminator";
import { lockFolder } from "./instanceLock";
import { admitOperations, callOperations } from "./kernel/callOperation";
import { ShiftableClock } from "./kernel/clock";
import { CONNECTION_LIMITS, limitHttp } from "./kernel/connectionLimits";
import { Database } from "./kernel/database";
import { randomIds } from "./kernel/ids";
import { REASON_HEADER } from "./kernel/operation";
import { mountService } from "./kernel/service";
import type { Switches } from "./kernel/sharedDependencies";
import { checkListenOptions, isExposed, type ListenOptions, LOOPBACK } from "./listenOptions";
import { mqttService } from "./mqtt/mqttService";
import { listenAll, listenAt } from "./ports";
import { announce, watchFolder } from "./presence";
import { opensVaults } from "./vault/objects/vaultObjectStore";
import { openSealingKey } from "./vault/sealer";

/** The manifest above this folder: the checkout's, or that of the package, which has its files in `dist/`. */
const manifest = [join(__dirname, "../package.json"), join(__dirname, "../../package.json")].find(existsSync) ?? "";
const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };

export interface LocalAzure {
  readonly ready: Ready;
  /** Resolves when the control listener receives a shutdown request. */
  readonly shutdownRequested: Promise<void>;
  /** Lets the process end while it runs. */
  unref(): void;
  /** Closes the listeners and the database, and removes `ready.json`. Can be called twice. */
  close(): Promise<void>;
}

/** The logs of requests: all of them, and those of refused ones. */
interface RequestLogs {
  readonly log: Logger;
  readonly refusals: BoundedLog;
}

/**
 * Logs one JSON line for each request, with the reason of a refusal; of refusals a bounded number. No other headers, no
 * queries and no bodies: they contain secrets.
 */
function logged(dispatch: Dispatch, { log, refusals }: RequestLogs, open: OpenRequests) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const from = performance.now();
    const host = (request.headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const service = dispatch(host, path);
    response.once("finish", () => {
      const ms = Math.round((performance.now() - from) * 10) / 10;
      const reason = response.getHeader(REASON_HEADER);
      const status = response.statusCode;
      const detail = { service: service.name, host, method: request.method, path, status, ms, reason };
      if (status >= 400 && status < 500) refusals.write(`${service.name} ${status}`, "info", detail);
      else log.info(shortDetail(detail));
    });
    open.add(response);
    service.handle(request, response);
  };
}

/**
 * Starts a local Azure on a state folder, which it creates where it does not exist. Throws AlreadyRunningError and
 * PortTakenError, with the remedy in the message.
 */
export async function startLocalAzure(
  folder: string,
  log: Logger = pino({ level: "silent" }),
  listen: ListenOptions = {},
): Promise<LocalAzure> {
  checkListenOptions(listen);
  const { host = LOOPBACK, publicHost = LOOPBACK, tlsPorts = [] } = listen;
  const directory = resolve(folder);
  const unlock = lockFolder(directory);
  const isOurs = watchFolder(directory);
  rmSync(join(directory, "ready.json"), { force: true });
  const undo: (() => unknown)[] = [unlock];
  try {
    const clock = new ShiftableClock();
    const switches: Switches = { throttling: false, realDelays: false, imds: false };
    const database = new Database(join(directory, "state.db"));
    undo.push(() => database.close());
    const tenant = openTenant(directory);
    const [identity] = await Promise.all([openIdentity(directory), prepareSigningKey(directory)]);
    const storage = openStorageSetting(directory);
    const shared = { database, clock, switches, ids: randomIds, log, publicHost };
    const sealingKey = openSealingKey(directory, (key) => opensVaults(database, key));
    const signingKey = openSigningKey(directory);
    // One transaction for all tables: with one for each, a new database waited 40 times for the disk.
    const assembly = database.transaction(() => assemble(shared, tenant, signingKey, identity, sealingKey, storage));
    const faults = new FaultInjector();
    const failed = (service: string, error: unknown) => log.error({ service, err: error }, "the local Azure failed");
    const services = mount(assembly, faults, failed, storage);
    for (const background of [assembly.jobs, assembly.importExports, assembly.configurations]) {
      background.start();
      undo.push(() => background.stop());
    }

    const authority = await openAuthority(join(directory, "ca"));
    const refusals = new BoundedLog(log);
    undo.push(() => refusals.close());
    const logs = { log, refusals };
    const distrusted = (host: string, reason: string) =>
      refusals.write("TLS failed", "warn", { host, reason }, "TLS failed");
    const callDps = callOperations(faults.guard(assembly.definitions.dpsDevice), failed);
    const admit = admitOperations(faults.guard(assembly.definitions.hub));
    const { devices, service } = assembly;
    const mqtt = mqttService({
      callDps,
      admit,
      devices,
      log: (event, detail) => refusals.write(`mqtt ${event}`, "info", { service: "mqtt", event, ...detail }),
    });
    const amqp = amqpService({
      endpoints: {
        ...assembly.eventHubs,
        hub: hubAmqpEndpoint({ directory: assembly.directory, clock, devices, service, admit }),
        dps: provisioningAmqpEndpoint(callDps),
        dpsDevice: provisioningAmqpEndpoint(callDps),
      },
      log: (event, detail) => refusals.write(`amqp ${event}`, "info", { service: "amqp", event, ...detail }),
      failed,
    });
    const open = new OpenRequests();
    const terminator = new Terminator(new Contexts(authority), logged(services.dispatch, logs, open), distrusted, [
      mqtt,
      amqp,
    ]);
    await terminator.setDefault("127.0.0.1");

    const controlToken = randomBytes(32).toString("base64url");
    let requestShutdown = (): void => undefined;
    const shutdownRequested = new Promise<void>((done) => {
      requestShutdown = done;
    });
    const definition = controlService({
      clock,
      switches,
      faults,
      events: assembly.events,
      latencies: new LatencyStore({ database }),
      application: identity.application,
      issuer: assembly.issuer,
      storage,
      token: controlToken,
      publicHost,
      isExposed: isExposed(host),
      caCertificate: authority.certificate,
      version,
      reset() {
        assembly.reset();
        faults.set([]);
        clock.shift(0);
      },
      shutdown: () => setImmediate(requestShutdown),
    });
    const control = await mountService(definition, (error) => failed("control", error));

    const refused = (target: string, reason: string) =>
      refusals.write("refused", "warn", { target, reason }, "refused");
    const machine = logged(() => services.machine, logs, open);
    const servers = {
      proxy: createConnectProxy(terminator, refused, machine),
      control: limitHttp(createServer(control.handle), CONNECTION_LIMITS),
      metadata: createDirectListener(terminator, CONNECTION_LIMITS, amqp.startPlain),
      machine: limitHttp(createServer(machine), CONNECTION_LIMITS),
    };
    const further = tlsPorts.map((port) => ({ port, server: createDirectListener(terminator) }));
    const listeners = [...Object.values(servers), ...further.map(({ server }) => server)];
    undo.push(async () => {
      // No new connections first, then the requests in progress, then the open connections.
      const ends = listeners.map((server) => new Promise((done) => server.close(done)));
      await open.ended(CONNECTION_LIMITS.shutdown);
      for (const server of [servers.proxy, servers.control, servers.machine]) server.closeAllConnections();
      terminator.close();
      await Promise.all(ends);
    });
    const ports = await listenAll(directory, servers, listen);
    for (const { port, server } of further) await listenAt(server, host, port);
    const ready: Ready = {
      pid: process.pid,
      version,
      proxyUrl: `http://${publicHost}:${ports.proxy}`,
      controlUrl: `http://${publicHost}:${ports.control}`,
      metadataHost: `${publicHost}:${ports.metadata}`,
      controlToken,
      caFile: authority.file,
      machineUrl: `http://${publicHost}:${ports.machine}`,
      identitySecret: identity.identitySecret,
      clientCertificateFile: identity.clientCertificateFile,
      ...tenant,
    };
    const lost = () => {
      log.warn({ directory }, "The state folder was deleted");
      requestShutdown();
    };
    undo.push(announce(directory, `${JSON.stringify(ready, null, 2)}\n`, { isOurs, lost }));
    const unref = () => {
      for (const server of listeners) server.unref().on("connection", (socket: Socket) => socket.unref());
    };
    return { ready, shutdownRequested, unref, close: () => unwind(undo) };
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

/** Undoes the steps in reverse, each once. */
async function unwind(undo: (() => unknown)[]): Promise<void> {
  for (let step = undo.pop(); step; step = undo.pop()) await step();
}
