import { strict as assert } from "node:assert";
import fc from "fast-check";
import { deviceBoundTopic, messageOf, readTopic } from "../../../../emulator/mqtt/hub/hubTopics";
import { type Property, readBag, writeBag } from "../../../../emulator/mqtt/hub/propertyBag";
import { anyCharacter } from "../../../cast/anyCharacter";

describe("the topics of a hub", () => {
  it("carry system and application properties", () => {
    const read = (bag: string): unknown[] => {
      const { system, properties } = messageOf(readBag(bag), Buffer.alloc(0));
      return [system, properties];
    };
    assert.deepEqual(read("%24.mid=m&a%20b=c%2Fd&plus=1+1&flag"), [
      { "message-id": "m" },
      { "a b": "c/d", plus: "1+1", flag: "" },
    ]);
    // Names that every object of JavaScript knows are names like others.
    assert.deepEqual(read("constructor=1&toString=2"), JSON.parse('[{},{"constructor":"1","toString":"2"}]'));
    assert.deepEqual(read(""), [{}, {}]);
    // The Java SDK names the connection's device and module.
    assert.deepEqual(read("$.mid=m&$.cdid=device-1&$.cmid=module-1"), [{ "message-id": "m" }, {}]);
    assert.throws(() => read("%24.odd=1"), /NotEmulated: .* \$\.odd/);
  });

  it("keep every property, whatever its letters are", () => {
    const text = fc.string({ unit: anyCharacter, minLength: 1 });
    const property = fc.tuple(text, fc.option(fc.string({ unit: anyCharacter }), { nil: undefined }));
    fc.assert(
      fc.property(fc.array(property), (properties) => {
        const bag = writeBag(properties as Property[]);
        assert.match(bag, /^[\w.!~*'()%=&-]*$/);
        assert.deepEqual(readBag(bag), properties);
      }),
    );
    assert.equal(writeBag([["\ud800", "a"]]), "%EF%BF%BD=a");
  });

  it("are one thing only, and their request IDs are verbatim", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w%+-]{1,40}$/), fc.integer({ min: 100, max: 999 }), (rid, status) => {
        const at = (topic: string) => readTopic(topic, "devices/a");
        assert.deepEqual(at(`$iothub/twin/GET/?$rid=${rid}`), { kind: "getTwin", requestId: rid });
        assert.deepEqual(at(`$iothub/twin/GET/?a=b&%24rid=${rid}&c`), { kind: "getTwin", requestId: rid });
        const reported = at(`$iothub/twin/PATCH/properties/reported/?$rid=${rid}`);
        assert.deepEqual(reported, { kind: "patchReported", requestId: rid });
        const response = at(`$iothub/methods/res/${status}/?$rid=${rid}`);
        assert.deepEqual(response, { kind: "methodResponse", status, requestId: rid });
      }),
    );
  });

  it("are read without an error but that of an encoding", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        for (const topic of [text, `devices/a/messages/events/${text}`, `$iothub/twin/GET/?${text}`]) {
          try {
            readTopic(topic, "devices/a");
          } catch (error) {
            assert.ok(error instanceof URIError);
          }
        }
      }),
    );
  });

  it("of messages to a module name the module", () => {
    const message = {
      body: Buffer.alloc(0),
      properties: {},
      lockToken: "",
      sequenceNumber: 1,
      enqueued: new Date(),
      expires: new Date(),
      deliveries: 0,
      ack: "none",
      to: "/devices/a/modules/b/messages/devicebound",
    } as const;
    assert.equal(
      deviceBoundTopic("devices/a/modules/b", message),
      "devices/a/modules/b/messages/devicebound/%24.to=%2Fdevices%2Fa%2Fmodules%2Fb%2Fmessages%2Fdevicebound",
    );
  });
});
