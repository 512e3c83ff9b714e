import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Message, Sender } from "rhea";
import { createSas } from "../../../azure/sas";
import type { AmqpTestClient } from "../amqpClient";
import { azureClient, type WireResponse } from "../azureClient";
import { SeededRandom } from "../fuzz/seededRandom";
import { type LaunchedAzure, launchTestAzure } from "../launchedAzure";
import { DeviceLedger } from "./deviceLedger";
import {
  AmqpDevice,
  amqpClient,
  bodyOf,
  HOST,
  HttpsDevice,
  HUB,
  MqttDevice,
  type Talk,
  type TalkingDevice,
} from "./talkingDevices";

/** The most acknowledgements before a kill. */
const ACKNOWLEDGEMENTS = 400;
/** The most turns of the event loop between the last acknowledgement counted and the kill. */
const TURNS = 40;
/** The most messages of a device on their way: a queue has 50. */
const ON_THEIR_WAY = 40;
/** Milliseconds until all messages must have come after a restart: less than a lock, which ends with its connection. */
const TIMEOUT_MS = 40_000;
const location = "westeurope";

/** What a run of kills found. */
export interface DeviceKillReport {
  readonly findings: readonly string[];
  /** Messages that the service got acknowledged. */
  readonly accepted: number;
  /** Deliveries of a message that was delivered before. */
  readonly repeated: number;
  /** Reported patches that devices got acknowledged. */
  readonly reported: number;
}

/** Kills a local Azure again and again while it sends messages to devices, which report properties. Stops at a finding. */
export async function killedDevices(options: {
  readonly seed: number;
  readonly kills: number;
}): Promise<DeviceKillReport> {
  const azure = await launchTestAzure();
  const run = new KilledDevices(azure, new SeededRandom(options.seed));
  try {
    return await run.run(options.kills);
  } finally {
    await azure.close();
  }
}

class KilledDevices {
  #devices: readonly TalkingDevice[] = [];
  #key = "";
  #talk: Talk;
  #killed: Promise<void> = new Promise(() => undefined);
  #isKilled = false;
  #left = 0;
  #kill = (): void => undefined;

  constructor(
    private readonly azure: LaunchedAzure,
    private readonly random: SeededRandom,
  ) {
    this.#talk = this.#newTalk();
  }

  async run(kills: number): Promise<DeviceKillReport> {
    await this.#create();
    let findings: readonly string[] = [];
    for (let kill = 1; kill <= kills && findings.length === 0; kill += 1) {
      await this.#killWhileTalking();
      findings = (await this.#check()).map((each) => `after kill ${kill}: ${each}`);
    }
    await this.#talk.client.close().catch(() => undefined);
    const sum = (count: (ledger: DeviceLedger) => number) =>
      this.#devices.reduce((all, { ledger }) => all + count(ledger), 0);
    return {
      findings,
      accepted: sum(({ accepted }) => accepted.size),
      repeated: sum(({ repeated }) => repeated),
      reported: sum(({ reported }) => reported),
    };
  }

  #newTalk(): Talk {
    const { ready } = this.azure;
    return {
      way: { proxyUrl: ready.proxyUrl, ca: readFileSync(ready.caFile, "utf8") },
      client: azureClient(ready),
      acknowledged: () => {
        this.#left -= 1;
        if (this.#left === 0) this.#kill();
      },
      isBusy: true,
    };
  }

  async #create(): Promise<void> {
    const { client } = this.#talk;
    const group = "/resourceGroups/rg-kills";
    const hub = `${group}/providers/Microsoft.Devices/IotHubs/${HUB}`;
    await client.arm("PUT", group, { body: { location } });
    // A message is delivered again after each kill; feedback that a killed request locked, after its lock.
    const cloudToDevice = { maxDeliveryCount: 100, feedback: { lockDurationAsIso8601: "PT5S", maxDeliveryCount: 100 } };
    const properties = { cloudToDevice };
    await client.arm("PUT", hub, { body: { location, sku: { name: "S1", capacity: 1 }, properties } });
    const { body: keys } = await client.arm("POST", `${hub}/IotHubKeys/iothubowner/listkeys`);
    this.#key = (keys as { primaryKey: string }).primaryKey;
    const names = [...Array.from({ length: 6 }, (_, index) => `mqtt-${index}`), "amqp-0", "amqp-1", "https-0"];
    const devices: TalkingDevice[] = [];
    for (const deviceId of names) {
      const { body } = await this.#hub("PUT", `/devices/${deviceId}`, { deviceId });
      const key = (body as { authentication: { symmetricKey: { primaryKey: string } } }).authentication.symmetricKey
        .primaryKey;
      const ledger = new DeviceLedger(deviceId);
      if (deviceId.startsWith("mqtt")) devices.push(new MqttDevice(ledger, key, this.random));
      else if (deviceId.startsWith("amqp")) devices.push(new AmqpDevice(ledger, key, this.random));
      else devices.push(new HttpsDevice(ledger, key));
    }
    this.#devices = devices;
  }

  #token(): string {
    return createSas(HOST, this.#key, Math.floor(Date.now() / 1000) + 3600, "iothubowner");
  }

  #hub(method: string, path: string, body?: unknown): Promise<WireResponse> {
    const url = `https://${HOST}${path}?api-version=2021-04-12`;
    return this.#talk.client.send(method, url, { bearer: null, headers: { authorization: this.#token() }, body });
  }

  /** The service sends while devices talk; the process is killed at a moment that is counted in acknowledgements. */
  async #killWhileTalking(): Promise<void> {
    const turns = this.random.below(TURNS);
    this.#isKilled = false;
    this.#killed = new Promise((done, fail) => {
      this.#kill = () => {
        const kill = async (): Promise<void> => {
          for (let turn = 0; turn < turns; turn += 1) await new Promise((next) => setImmediate(next));
          this.#isKilled = true;
          await this.azure.kill();
        };
        kill().then(done, fail);
      };
    });
    this.#left = Number.POSITIVE_INFINITY;
    const connections = await Promise.all(this.#devices.map((device) => device.talk(this.#talk)));
    const service = await amqpClient(this.#talk.way, HOST, this.#token());
    const senders = await Promise.all(this.#devices.map(() => service.sender("/messages/devicebound")));
    this.#left = 1 + this.random.below(ACKNOWLEDGEMENTS);
    const feedback = this.#receiveFeedback(() => this.#isKilled).catch(() => undefined);
    const sends = this.#devices.map(({ ledger }, index) => this.#send(service, senders[index] as Sender, ledger));
    await Promise.all([...sends, this.#killed]);
    await Promise.all([feedback, ...connections.map(({ ended }) => ended)]);
    await this.#talk.client.close().catch(() => undefined);
    await this.azure.restart();
    this.#talk = this.#newTalk();
  }

  /** Sends one message after the other to a device until the process is killed. */
  async #send(service: AmqpTestClient, sender: Sender, ledger: DeviceLedger): Promise<void> {
    const to = `/devices/${ledger.deviceId}/messages/devicebound`;
    while (!this.#isKilled) {
      if (ledger.sent - ledger.completed.size >= ON_THEIR_WAY) {
        await pause(5);
        continue;
      }
      const number = ledger.sent;
      ledger.sent += 1;
      const message = {
        to,
        message_id: `${ledger.deviceId} ${number}`,
        application_properties: { "iothub-ack": "full" },
        body: bodyOf(number),
      };
      const accepted = service.send(sender, message as Message).then(() => true);
      if (!(await Promise.race([accepted, this.#killed.then(() => false)]))) return;
      ledger.accepted.add(number);
      this.#talk.acknowledged();
    }
  }

  async #receiveFeedback(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const { status, headers, body } = await this.#hub("GET", "/messages/serviceBound/feedback");
      if (status !== 200) {
        await pause(5);
        continue;
      }
      const records = (body as readonly { originalMessageId: string; statusCode: string }[]).map((record) => {
        const [deviceId, number] = record.originalMessageId.split(" ");
        const ledger = this.#devices.find((device) => device.ledger.deviceId === deviceId)?.ledger;
        if (!ledger) throw new Error(`feedback on ${record.originalMessageId}`);
        ledger.confirm(Number(number), record.statusCode);
        return { ledger, number: Number(number) };
      });
      for (const { ledger, number } of records) ledger.unsure.add(number);
      const lock = String(headers.etag).replaceAll('"', "");
      const completed = await this.#hub("DELETE", `/messages/serviceBound/feedback/${lock}`);
      if (completed.status !== 204) throw new Error(`feedback: ${completed.status}`);
      for (const { ledger, number } of records) {
        ledger.feedback.set(number, 1 + (ledger.feedback.get(number) ?? 0));
        ledger.unsure.delete(number);
      }
    }
  }

  /** After a restart: every device gets what waits, in order; the twins and the feedback are complete. */
  async #check(): Promise<readonly string[]> {
    this.#talk.isBusy = false;
    const deadline = performance.now() + TIMEOUT_MS;
    const connections = await Promise.all(this.#devices.map((device) => device.talk(this.#talk)));
    const until = async (isDone: () => boolean | Promise<boolean>): Promise<void> => {
      while (performance.now() < deadline && !(await isDone())) await pause(20);
    };
    const twin = async ({ deviceId }: DeviceLedger) =>
      (await this.#hub("GET", `/twins/${deviceId}`)).body as {
        readonly cloudToDeviceMessageCount: number;
        readonly properties: { readonly reported: { readonly first?: number; readonly second?: { number: number } } };
      };
    const ledgers = this.#devices.map(({ ledger }) => ledger);
    await until(async () =>
      (await Promise.all(ledgers.map(twin))).every(({ cloudToDeviceMessageCount: count }) => count === 0),
    );
    let isComplete = false;
    const feedback = this.#receiveFeedback(() => isComplete);
    await until(() => ledgers.every(({ silent }) => silent.length === 0));
    isComplete = true;
    await feedback;
    const findings = await Promise.all(
      ledgers.map(async (ledger) => {
        const { cloudToDeviceMessageCount: count, properties } = await twin(ledger);
        const { first = 0, second } = properties.reported;
        const more = [
          ...(count === 0 ? [] : [`${ledger.deviceId}: ${count} messages are left`]),
          ...(first === (second?.number ?? 0) ? [] : [`${ledger.deviceId}: its twin has half of a patch`]),
        ];
        return [...ledger.check(first), ...more];
      }),
    );
    for (const connection of connections) connection.end();
    await Promise.all(connections.map(({ ended }) => ended));
    this.#talk.isBusy = true;
    return findings.flat();
  }
}
