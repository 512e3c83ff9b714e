import { createSas } from "../../../azure/sas";
import { type AzureClient, azureClient } from "../azureClient";
import { readAllEvents } from "../eventReader";
import { SeededRandom } from "../fuzz/seededRandom";
import { type LaunchedAzure, launchTestAzure } from "../launchedAzure";

/** The most acknowledged messages before a kill. */
const ACKNOWLEDGEMENTS = 200;
/** The most turns of the event loop between the last acknowledgement counted and the kill. */
const TURNS = 40;
const DEVICES = Array.from({ length: 12 }, (_, index) => `device-${index}`);
const HUB = "hub-kills";
const HOST = `${HUB}.azure-devices.net`;
const location = "westeurope";

/** What a run of kills found. */
export interface EventKillReport {
  readonly findings: readonly string[];
  /** Messages that were acknowledged. */
  readonly acknowledged: number;
  /** Messages without a response when the process was killed. */
  readonly unanswered: number;
  /** Events that Event Hubs' client read at the end. */
  readonly read: number;
}

/** Kills a local Azure again and again while devices send, and reads what they sent with Event Hubs' client. Stops at a finding. */
export async function killedEvents(options: {
  readonly seed: number;
  readonly kills: number;
}): Promise<EventKillReport> {
  const azure = await launchTestAzure();
  try {
    return await new KilledEvents(azure, new SeededRandom(options.seed)).run(options.kills);
  } finally {
    await azure.close();
  }
}

class KilledEvents {
  readonly #azure: LaunchedAzure;
  readonly #random: SeededRandom;
  /** The numbers that each device got acknowledged, in order. */
  readonly #acknowledged = new Map<string, number[]>(DEVICES.map((device) => [device, []]));
  readonly #next = new Map<string, number>();
  #client: AzureClient;
  #key = "";
  #endpoint = { endpoint: "", path: "" };
  #unanswered = 0;

  constructor(azure: LaunchedAzure, random: SeededRandom) {
    this.#azure = azure;
    this.#random = random;
    this.#client = azureClient(azure.ready);
  }

  async run(kills: number): Promise<EventKillReport> {
    await this.#create();
    let findings: readonly string[] = [];
    let read = 0;
    for (let kill = 1; kill <= kills && findings.length === 0; kill += 1) {
      await this.#killWhileSending();
      ({ findings, read } = await this.#check(`after kill ${kill}`));
    }
    await this.#client.close().catch(() => undefined);
    const acknowledged = [...this.#acknowledged.values()].reduce((sum, numbers) => sum + numbers.length, 0);
    return { findings, acknowledged, unanswered: this.#unanswered, read };
  }

  async #create(): Promise<void> {
    const group = "/resourceGroups/rg-kills";
    const hub = `${group}/providers/Microsoft.Devices/IotHubs/${HUB}`;
    await this.#client.arm("PUT", group, { body: { location } });
    const body = { location, sku: { name: "S1", capacity: 1 }, properties: {} };
    await this.#client.arm("PUT", hub, { body });
    const { body: keys } = await this.#client.arm("POST", `${hub}/IotHubKeys/iothubowner/listkeys`);
    this.#key = (keys as { primaryKey: string }).primaryKey;
    const { body: created } = await this.#client.arm("GET", hub);
    const { properties } = created as {
      properties: { eventHubEndpoints: { events: { endpoint: string; path: string } } };
    };
    this.#endpoint = properties.eventHubEndpoints.events;
    for (const deviceId of DEVICES) await this.#hub("PUT", `/devices/${deviceId}`, { deviceId });
  }

  #hub(method: string, path: string, body: unknown) {
    const sas = createSas(HOST, this.#key, Math.floor(Date.now() / 1000) + 3600, "iothubowner");
    const url = `https://${HOST}${path}?api-version=2021-04-12`;
    return this.#client.send(method, url, { bearer: null, headers: { authorization: sas }, body });
  }

  /** Every device sends one message after the other; the process is killed at a moment that is counted in acknowledgements. */
  async #killWhileSending(): Promise<void> {
    let left = 1 + this.#random.below(ACKNOWLEDGEMENTS);
    const turns = this.#random.below(TURNS);
    let isKilled = false;
    let killed: Promise<void> | undefined;
    const kill = async (): Promise<void> => {
      for (let turn = 0; turn < turns; turn += 1) await new Promise((done) => setImmediate(done));
      isKilled = true;
      await this.#azure.kill();
    };
    const send = async (device: string): Promise<void> => {
      while (!isKilled) {
        const number = this.#next.get(device) ?? 0;
        this.#next.set(device, number + 1);
        try {
          const { status } = await this.#hub("POST", `/devices/${device}/messages/events`, { device, number });
          if (status !== 204) throw new Error(`telemetry: ${status}`);
          this.#acknowledged.get(device)?.push(number);
          left -= 1;
          if (left <= 0) killed ??= kill();
        } catch (error) {
          if (!isKilled) throw error;
          this.#unanswered += 1;
        }
      }
    };
    await Promise.all(DEVICES.map(send));
    await killed;
    await this.#client.close().catch(() => undefined);
    await this.#azure.restart();
    this.#client = azureClient(this.#azure.ready);
  }

  /** Every acknowledged message is there, in the order of its device and without a gap in its partition. */
  async #check(when: string): Promise<{ readonly findings: readonly string[]; readonly read: number }> {
    const endpoint = `sb://${this.#azure.ready.metadataHost};UseDevelopmentEmulator=true`;
    const key = `SharedAccessKeyName=iothubowner;SharedAccessKey=${this.#key}`;
    const partitions = await readAllEvents(`Endpoint=${endpoint};${key};EntityPath=${this.#endpoint.path}`);
    const findings: string[] = [];
    const numbers = new Map<string, number[]>(DEVICES.map((device) => [device, []]));
    for (const [partition, events] of partitions) {
      for (const [index, { sequenceNumber, body }] of events.entries()) {
        if (sequenceNumber !== index)
          findings.push(`${when}: event ${index} of partition ${partition} is number ${sequenceNumber}`);
        numbers.get(body.device)?.push(body.number);
      }
    }
    for (const [device, sent] of this.#acknowledged) {
      const there = numbers.get(device) ?? [];
      const set = new Set(there);
      const missing = sent.filter((number) => !set.has(number));
      if (missing.length > 0) findings.push(`${when}: ${device} misses ${missing.join(", ")}`);
      if (set.size !== there.length) findings.push(`${when}: ${device} has a message twice`);
      if (there.some((number, index) => index > 0 && number < (there[index - 1] ?? 0))) {
        findings.push(`${when}: the messages of ${device} are out of order: ${there.join(", ")}`);
      }
    }
    return { findings, read: [...partitions.values()].reduce((sum, events) => sum + events.length, 0) };
  }
}
