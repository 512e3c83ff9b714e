import { strict as assert } from "node:assert";
import { applied } from "../../cli/local/localEnvironment";
import { withPreload } from "../../emulator/contract/nodePreload";
import { type ClientKit, clientKit, swtpm } from "../cast/clientKit";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import type { Ended } from "../cast/ended";
import { launchTestAzure } from "../cast/launchedAzure";
import { SoftwareTpm } from "../cast/softwareTpm";

/** What the local DPS makes for a TPM is judged here by IBM's libtpms, on the way that Azure's own client takes. */
describe("azure-iot-security-tpm, unmodified, with a TPM in software, against the local Azure", function () {
  this.timeout(600_000);
  let kit: ClientKit;
  let environment: DeviceEnvironment;
  let tpm: SoftwareTpm;
  let other: SoftwareTpm;

  before(async () => {
    const program = await swtpm();
    assert.ok(program, "neither swtpm nor apt-get to have it from: install swtpm");
    kit = await clientKit();
    [tpm, other] = [await SoftwareTpm.start(program), await SoftwareTpm.start(program)];
    environment = await DeviceEnvironment.open(await launchTestAzure());
  });

  after(async () => {
    await environment?.close();
    await tpm?.close();
    await other?.close();
  });

  const run = ({ port }: SoftwareTpm, ...args: string[]): Promise<Ended> => {
    const env = applied(environment.azure.env, withPreload({ set: {}, unset: [] }, environment.azure.ready, {}));
    return kit.node("tpm", [String(port), ...args], env);
  };

  it("registers with its endorsement key, and sends with the key from its TPM", async () => {
    const key = await run(tpm, "key");
    assert.equal(key.code, 0, key.stderr);
    const attestation = { type: "tpm", tpm: { endorsementKey: key.out } };
    const body = { registrationId: "tpm-1", attestation };
    const made = await environment.service("PUT", "/enrollments/tpm-1", body);
    assert.equal(made.status, 200, made.text);
    // More than once: the key is rolled with each registration.
    for (const transport of ["Http", "Http", "Amqp", "AmqpWs"]) {
      const { code, out, stderr } = await run(tpm, environment.idScope, "tpm-1", transport);
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(out), { assignedHub: environment.hubHost, deviceId: "tpm-1", status: "assigned" });
    }
    const { body: seen } = await environment.azure.control("GET", "/hubs/test-hub/events?deviceId=tpm-1");
    const { events } = seen as { events: { body: unknown; systemProperties: Record<string, string> }[] };
    assert.deepEqual(
      events.map((event) => [event.body, event.systemProperties["message-id"]]),
      Array(4).fill([{ temperature: 21 }, "from-tpm"]),
    );
  });

  it("is refused with another TPM", async () => {
    const { code, stderr } = await run(other, environment.idScope, "tpm-1");
    assert.equal(code, 1);
    assert.match(stderr, /FormatError: The server did NOT respond with an appropriately formatted authentication blob/);
    const { body } = await environment.service("GET", "/registrations/tpm-1");
    assert.equal(body.status, "assigned", "as before");
  });
});
