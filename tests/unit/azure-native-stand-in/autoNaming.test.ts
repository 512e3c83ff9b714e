import { strict as assert } from "node:assert";
import { autoName } from "../../../azure-native-stand-in/autoNaming";
import { urnName, urnToken } from "../../../plugin-protocol/resourceProvider";

const seed = Buffer.from("seed");
const random = { logicalName: "hub", style: "random", seed } as const;

describe("automatic names", () => {
  it("have eight hexadecimal digits, the same for the same seed", () => {
    assert.match(autoName(random)?.name ?? "", /^hub[0-9a-f]{8}$/);
    assert.deepEqual(autoName(random), autoName({ ...random, seed: Buffer.from("seed") }));
    assert.notDeepEqual(autoName(random), autoName({ ...random, seed: Buffer.from("other") }));
    assert.equal(autoName(random)?.isRandom, true);
  });

  it("are random without a seed", () => {
    const draw = () => autoName({ ...random, seed: new Uint8Array() })?.name;
    assert.match(draw() ?? "", /^hub[0-9a-f]{8}$/);
    assert.notEqual(draw(), draw());
  });

  it("are the logical name for a child resource", () => {
    assert.deepEqual(autoName({ ...random, style: undefined }), { name: "hub", isRandom: false });
  });

  it("are a GUID from the seed, or a random one", () => {
    const guid = (bytes: Uint8Array) =>
      autoName({ ...random, style: "guid", seed: bytes, autonaming: { proposedName: "role-dev", mode: "propose" } })
        ?.name;
    assert.match(guid(seed) ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(guid(seed), guid(Buffer.from("seed")));
    assert.notEqual(guid(new Uint8Array()), guid(new Uint8Array()));
  });

  it("follow the engine's automatic-naming settings", () => {
    const name = (mode: "propose" | "enforce" | "disable", style: "random" | undefined) =>
      autoName({ ...random, style, autonaming: { proposedName: "hub-dev", mode } });
    assert.deepEqual(name("propose", "random"), { name: "hub-dev", isRandom: true });
    assert.deepEqual(name("propose", undefined), { name: "hub-dev", isRandom: false });
    assert.deepEqual(name("enforce", undefined), { name: "hub-dev", isRandom: false });
    assert.equal(name("disable", "random"), undefined);
  });
});

describe("URNs", () => {
  const urn = "urn:pulumi:dev::p::my:iot:Hub$azure-native:iothub:IotHubResource::a::b";
  it("have the last type and the whole name", () => {
    assert.equal(urnToken(urn), "azure-native:iothub:IotHubResource");
    assert.equal(urnName(urn), "a::b");
    assert.equal(urnToken("nonsense"), "");
  });
});
