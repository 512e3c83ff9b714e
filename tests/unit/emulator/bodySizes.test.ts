import assert from "node:assert/strict";
import { assemble } from "../../../emulator/assemble";
import { BODY_LIMIT, LARGE_BODY_LIMIT } from "../../../emulator/kernel/service";
import { armHarness, TENANT } from "../../cast/armHarness";
import { DataPlane, DPS_HOST, HUB_HOST } from "../../cast/dataPlane";
import { entraKey } from "../../cast/rsaKeys";
import { serve } from "../../cast/served";
import { testDependencies } from "../../cast/testDependencies";
import { vaultHarness } from "../../cast/vaultHarness";

/** Values that fill a body: with many members, items or objects, or with one text. */
const FILLERS: Readonly<Record<string, (bytes: number) => unknown>> = {
  members: (bytes) => Object.fromEntries(Array.from({ length: bytes / 20 }, (_, at) => [`Name${at}`.padEnd(14), 1])),
  items: (bytes) => Array.from({ length: bytes / 2 }, () => 1),
  objects: (bytes) => Array.from({ length: bytes / 16 }, () => ({ "a.b.c.d.e": 1 })),
  text: (bytes) => "x".repeat(bytes),
};

/** Sends a body of about this many bytes, with `filler` in it. */
type Send = (filler: unknown) => Promise<{ readonly status: number }>;

async function secondsOf(send: Send, filler: unknown): Promise<number> {
  const before = process.cpuUsage();
  const { status } = await send(filler);
  assert.ok(status < 500, String(status));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Seconds of processor time that a body may take. One of the full length takes about 0.2 s, and quadratic work several seconds. */
const ALLOWED_SECONDS = 1;

/** The least seconds of some attempts: a busy machine makes one of them slow, quadratic work all of them. */
async function leastSecondsOf(send: Send, filler: unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && least >= ALLOWED_SECONDS; attempt += 1) {
    least = Math.min(least, await secondsOf(send, filler));
  }
  return least;
}

describe("bodies of every service", () => {
  const assembly = assemble(testDependencies(), TENANT, entraKey());

  for (const [name, definition] of Object.entries(assembly.definitions)) {
    it(`of ${name} are refused by their length, before they are read`, async () => {
      const served = await serve(definition);
      try {
        for (const operation of definition.operations) {
          if (!["PUT", "POST", "PATCH"].includes(operation.method)) continue;
          const limit = operation.bodyLimit ?? definition.bodyLimit ?? BODY_LIMIT;
          // Announced and never sent: who reads the body first does not answer.
          const headers = { "content-length": String(limit + 1), "content-type": "application/json" };
          const path = `${operation.path.replace(/:\w+/g, "a")}?api-version=2021-10-01`;
          const { status } = await served.send(operation.method, path, null, headers);
          assert.ok(status === 400 || status === 413, `${operation.name}: ${status}`);
        }
      } finally {
        await served.close();
      }
    });
  }

  async function checkTime(send: Send, limit: number): Promise<void> {
    for (const [name, fill] of Object.entries(FILLERS)) {
      const seconds = await leastSecondsOf(send, fill(limit - 1024));
      assert.ok(seconds < ALLOWED_SECONDS, `${name}: ${seconds} s`);
    }
  }

  it("of data planes take no quadratic time", async () => {
    const plane = new DataPlane();
    await plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId: "d" }, body: { deviceId: "d" } });
    const [hub, dps] = await Promise.all([serve(plane.hubs.definition), serve(plane.dps.definition)]);
    const vault = await vaultHarness();
    const hubOwner = { host: HUB_HOST, authorization: plane.sas(HUB_HOST, "iothubowner") };
    const dpsOwner = { host: DPS_HOST, authorization: plane.sas(DPS_HOST, "provisioningserviceowner") };
    const version = "?api-version=2021-10-01";
    const attestation = { type: "symmetricKey" };
    try {
      await checkTime((tags) => hub.send("PATCH", `/twins/d${version}`, { tags: { tags } }, hubOwner), BODY_LIMIT);
      await checkTime(
        (tags) =>
          dps.send(
            "PUT",
            `/enrollments/d${version}`,
            { registrationId: "d", attestation, initialTwin: { tags: { tags } } },
            dpsOwner,
          ),
        BODY_LIMIT,
      );
      await checkTime((tags) => vault.vault("PUT", "/secrets/s", { value: "s", tags }), BODY_LIMIT);
    } finally {
      await Promise.all([hub.close(), dps.close(), vault.close()]);
    }
  });

  it("of Azure Resource Manager take no quadratic time", async () => {
    const { arm, close } = await armHarness();
    const hub = "/resourceGroups/rg/providers/Microsoft.Devices/IotHubs/h";
    try {
      await arm("PUT", "/resourceGroups/rg", { location: "westeurope" });
      await checkTime(
        (comments) => arm("PUT", hub, { location: "westeurope", sku: { name: "S1" }, properties: { comments } }),
        LARGE_BODY_LIMIT,
      );
    } finally {
      await close();
    }
  });
});
