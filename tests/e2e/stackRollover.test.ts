import { strict as assert } from "node:assert";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import type { Ended } from "../cast/pulumiProject";
import { StackDevice } from "../cast/stackDevice";
import { StackProject } from "../cast/stackProject";

const ok = ({ code, output }: Ended): string => {
  assert.equal(code, 0, output);
  return output;
};

/** The CA of a line is rolled over while its devices register all the time: none is refused. */
describe("a rollover of the CA with overlap", function () {
  this.timeout(300_000);
  let azure: TestAzure;
  let project: StackProject;
  let idScope: string;
  const devices: StackDevice[] = [];

  const issued = async (rootName: string, id: string): Promise<StackDevice> => {
    const device = await StackDevice.issued(project, rootName, id);
    devices.push(device);
    return device;
  };
  /** Registers the device repeatedly while the work lasts; returns every status. */
  const during = async <R>(device: StackDevice, work: () => Promise<R>): Promise<number[]> => {
    const seen: number[] = [];
    let isOver = false;
    const registering = (async () => {
      while (!isOver) seen.push((await device.register(idScope)).status);
    })();
    try {
      await work();
    } finally {
      isOver = true;
      await registering;
    }
    return seen;
  };
  const isAccepted = (seen: readonly number[]): void => {
    assert.ok(seen.length > 1, "it registered at least twice");
    assert.deepEqual([...new Set(seen)], [202]);
  };

  before(async () => {
    azure = await startTestAzure();
    project = await StackProject.create(azure.env);
    ok(await project.up());
    idScope = String(project.outputs().idScope);
  });

  after(async () => {
    for (const device of devices) device.remove();
    project?.remove();
    await azure?.close();
  });

  it("adds the next generation beside the present one, with which the stack's devices register", async () => {
    const old = await issued("Zero Touch Root CA", "fleet-01");
    project.configure({ caGenerations: [1, 2] });
    const printed = ok(await project.run("preview", "--diff", "--stack", "dev"));
    assert.match(printed, /secondaryCaReference/);
    isAccepted(await during(old, async () => ok(await project.up())));
    isAccepted([(await old.register(idScope)).status, (await old.register(idScope)).status]);
    const { rootCertificate, devices: shown } = project.outputs();
    assert.equal((rootCertificate as { name: string }).name, "zero-touch-root-2");
    assert.deepEqual(
      (shown as { status: string; telemetry: { accepted: number } }[]).map(({ status, telemetry }) => [
        status,
        telemetry.accepted,
      ]),
      [
        ["assigned", 204],
        ["assigned", 204],
      ],
    );
  });

  it("retires the old generation: devices of the new one register all the time, those of the old one are refused", async () => {
    const [next, old] = [await issued("Zero Touch Root CA 2", "fleet-02"), devices[0]];
    project.configure({ caGenerations: [2] });
    isAccepted(await during(next, async () => ok(await project.up())));
    const refused = await old?.register(idScope);
    assert.deepEqual([refused?.status, refused?.body?.errorCode], [401, 401002]);
    ok(await project.expectNoChanges());
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.deepEqual(project.resources(), []);
  });
});
