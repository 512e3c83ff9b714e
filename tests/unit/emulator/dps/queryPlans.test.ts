import { strict as assert } from "node:assert";
import type { SqlValue } from "../../../../emulator/kernel/database";
import { newHierarchy } from "../../../cast/certs";
import { DataPlane } from "../../../cast/dataPlane";

describe("registration and telemetry at any number of enrollments", () => {
  it("look everything up by an index", async () => {
    const { root, intermediate, device } = await newHierarchy();
    const plane = new DataPlane();
    plane.directory.trust("root", root.certificate);
    await plane.group("line-1", intermediate.certificate);

    const seen = new Map<string, readonly SqlValue[]>();
    const { database } = plane;
    for (const name of ["get", "all", "run"] as const) {
      const original = database[name].bind(database) as (sql: string, ...values: SqlValue[]) => never;
      database[name] = (sql: string, ...values: SqlValue[]): never => {
        seen.set(sql, values);
        return original(sql, ...values);
      };
    }
    const chain = [device.certificate, intermediate.certificate];
    for (let count = 0; count < 2; count += 1) {
      assert.equal((await plane.provision("device-01", chain)).body.status, "assigned");
    }
    const sent = await plane.ask("Device_SendDeviceEvent", { params: { deviceId: "device-01" }, chain });
    assert.equal(sent.status, 204);

    const statements = [...seen];
    assert.ok(statements.length >= 10, `${statements.length} statements`);
    const scans = statements.filter(([sql, values]) =>
      database.all(`EXPLAIN QUERY PLAN ${sql}`, ...values).some(({ detail }) => /^SCAN/.test(String(detail))),
    );
    assert.deepEqual(
      scans.map(([sql]) => sql),
      [],
    );
  });
});
