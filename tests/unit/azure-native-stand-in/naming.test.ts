import { strict as assert } from "node:assert";
import { autoName, urnName, urnToken } from "../../../azure-native-stand-in/naming";

const seed = Buffer.from("seed");
const random = { logicalName: "hub", style: "random", seed } as const;

describe("automatic names", () => {
  it("adds eight hex digits, the same for the same seed", () => {
    assert.match(autoName(random) ?? "", /^hub[0-9a-f]{8}$/);
    assert.equal(autoName(random), autoName({ ...random, seed: Buffer.from("seed") }));
    assert.notEqual(autoName(random), autoName({ ...random, seed: Buffer.from("other") }));
  });

  it("draws by chance without a seed", () => {
    const draw = () => autoName({ ...random, seed: new Uint8Array() });
    assert.match(draw() ?? "", /^hub[0-9a-f]{8}$/);
    assert.notEqual(draw(), draw());
  });

  it("takes a child's logical name as it is", () => {
    assert.equal(autoName({ ...random, style: "copy" }), "hub");
  });

  it("makes a GUID of the seed, whatever the engine proposes, or one by chance", () => {
    const guid = (bytes: Uint8Array) =>
      autoName({ ...random, style: "guid", seed: bytes, autonaming: { proposedName: "role-dev", mode: "propose" } });
    assert.match(guid(seed) ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(guid(seed), guid(Buffer.from("seed")));
    assert.notEqual(guid(new Uint8Array()), guid(new Uint8Array()));
  });

  it("keeps the former name before anything else", () => {
    const autonaming = { proposedName: "other", mode: "enforce" } as const;
    assert.equal(autoName({ ...random, former: "hub1", autonaming }), "hub1");
  });

  it("follows the engine's automatic-naming settings", () => {
    const name = (mode: "propose" | "enforce" | "disable", style: "random" | "copy" = "random") =>
      autoName({ ...random, style, autonaming: { proposedName: "hub-dev", mode } });
    assert.equal(name("propose"), "hub-dev");
    assert.equal(name("propose", "copy"), "hub");
    assert.equal(name("enforce", "copy"), "hub-dev");
    assert.equal(name("disable"), undefined);
  });
});

describe("URNs", () => {
  const urn = "urn:pulumi:dev::p::my:iot:Hub$azure-native:iothub:IotHubResource::a::b";
  it("gives the last type and the whole name", () => {
    assert.equal(urnToken(urn), "azure-native:iothub:IotHubResource");
    assert.equal(urnName(urn), "a::b");
    assert.equal(urnToken("nonsense"), "");
  });
});
