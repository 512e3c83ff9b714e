import assert from "node:assert/strict";
import { newHierarchy } from "../../cast/certs";
import { DataPlane, DPS_HOST, HUB_HOST } from "../../cast/dataPlane";
import { type Served, serve } from "../../cast/served";
import { type ConformanceRow, checkRow, type Send } from "./conformanceRow";
import { dpsRows, HUB_ROWS } from "./dataPlaneTable";
import { DPS_DEVICE_ROWS, HUB_DEVICE_ROWS } from "./deviceTable";
import { ENROLLMENT_ROWS } from "./enrollmentTable";
import { FILE_UPLOAD_ROWS } from "./fileUploadTable";
import { LIVE_HUB_ROWS } from "./liveHubTable";
import { REGISTRY_ROWS } from "./registryTable";

function send(served: Served, host: string, authorization: string): Send {
  return ({ method, path, apiVersion, query, headers, body }) =>
    served.send(method, `${path}?api-version=${apiVersion}${query ? `&${query}` : ""}`, body, {
      host,
      authorization,
      ...headers,
    });
}

describe("conformance of the data planes", () => {
  let certificate: string;
  let plane: DataPlane;

  before(async () => {
    certificate = (await newHierarchy()).intermediate.certificate.toPem();
  });

  beforeEach(() => {
    plane = new DataPlane();
    // As in the tier F1.
    plane.directory.hubs = plane.directory.hubs.map((each) => ({ ...each, activeJobLimit: 1 }));
  });

  async function check(row: ConformanceRow, service: "dps" | "hubs"): Promise<void> {
    const [host, policy] =
      service === "dps" ? [DPS_HOST, "provisioningserviceowner"] : ([HUB_HOST, "iothubowner"] as const);
    const served = await serve(plane[service].definition);
    try {
      const ask = send(served, host, plane.sas(host, policy));
      await checkRow(row, async (request) => {
        // What an earlier request has begun in the background.
        await plane.hubs.configurations.settled();
        return ask(request);
      });
    } finally {
      await served.close();
    }
  }

  dpsRows("").forEach(({ name }, index) => {
    it(`DPS: ${name}`, () => check(dpsRows(certificate)[index] as ConformanceRow, "dps"));
  });

  for (const row of ENROLLMENT_ROWS) it(`DPS, enrollments: ${row.name}`, () => check(row, "dps"));
  for (const row of DPS_DEVICE_ROWS) it(`DPS, devices: ${row.name}`, () => check(row, "dps"));
  for (const row of HUB_ROWS) it(`IoT Hub: ${row.name}`, () => check(row, "hubs"));
  for (const row of REGISTRY_ROWS) it(`IoT Hub, registry: ${row.name}`, () => check(row, "hubs"));
  for (const row of HUB_DEVICE_ROWS) it(`IoT Hub, devices: ${row.name}`, () => check(row, "hubs"));

  for (const row of LIVE_HUB_ROWS) it(`IoT Hub, measured: ${row.name}`, () => check(row, "hubs"));
  for (const row of FILE_UPLOAD_ROWS) it(`IoT Hub, files: ${row.name}`, () => check(row, "hubs"));

  it("have a name of their own in every row of a service", () => {
    for (const rows of [
      [...dpsRows(""), ...ENROLLMENT_ROWS, ...DPS_DEVICE_ROWS],
      [...HUB_ROWS, ...REGISTRY_ROWS, ...HUB_DEVICE_ROWS, ...FILE_UPLOAD_ROWS, ...LIVE_HUB_ROWS],
    ]) {
      const names = rows.map(({ name }) => name);
      assert.deepEqual(
        names.filter((name, at) => names.indexOf(name) !== at),
        [],
      );
    }
  });
});
