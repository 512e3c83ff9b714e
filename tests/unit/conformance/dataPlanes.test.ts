import { newHierarchy } from "../../cast/certs";
import { DataPlane, DPS_HOST, HUB_HOST } from "../../cast/dataPlane";
import { type Served, serve } from "../../cast/served";
import { type ConformanceRow, checkRow, type Send } from "./conformanceRow";
import { dpsRows, HUB_ROWS } from "./dataPlaneTable";

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
  });

  async function check(row: ConformanceRow, service: "dps" | "hubs"): Promise<void> {
    const [host, policy] =
      service === "dps" ? [DPS_HOST, "provisioningserviceowner"] : ([HUB_HOST, "iothubowner"] as const);
    const served = await serve(plane[service].definition);
    try {
      await checkRow(row, send(served, host, plane.sas(host, policy)));
    } finally {
      await served.close();
    }
  }

  dpsRows("").forEach(({ name }, index) => {
    it(`DPS: ${name}`, () => check(dpsRows(certificate)[index] as ConformanceRow, "dps"));
  });

  for (const row of HUB_ROWS) it(`IoT Hub: ${row.name}`, () => check(row, "hubs"));
});
