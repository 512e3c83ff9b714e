import { strict as assert } from "node:assert";
import {
  type AmqpMessage,
  bodyBytes,
  dataBody,
  decodeMessage,
  encodeMessage,
} from "../../../../emulator/amqp/amqpMessage";

const PROPERTIES = 0x73;
const APPLICATION_PROPERTIES = 0x74;

/** The codes of a message's sections, by the sizes that they state (AMQP 1.0, 1.2 and 3.2). */
function sectionsOf(bytes: Buffer): number[] {
  const codes: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at + 3] ?? 0;
    codes.push(bytes[at + 2] ?? 0);
    if (kind === 0x45) at += 4;
    else if (kind < 0xd0) at += 5 + bytes.readUInt8(at + 4);
    else at += 8 + bytes.readUInt32BE(at + 4);
  }
  return codes;
}

const message = (more: object): AmqpMessage => ({ body: dataBody(Buffer.from("21")), ...more }) as AmqpMessage;

describe("a message of AMQP", () => {
  const annotations = { "iothub-message-source": "Telemetry", long: "x".repeat(70_000) };

  it("has no section of properties, and none of application properties, without a value", () => {
    for (const given of [
      {},
      { application_properties: {} },
      { header: {}, ttl: 5, application_properties: {} },
      { message_annotations: annotations, delivery_annotations: { n: 1 }, application_properties: {} },
    ]) {
      const bytes = encodeMessage(message(given));
      const codes = sectionsOf(bytes);
      assert.ok(!codes.includes(PROPERTIES) && !codes.includes(APPLICATION_PROPERTIES), String(codes));
      const decoded = decodeMessage(bytes);
      assert.equal(bodyBytes(decoded)?.toString(), "21");
      if ("message_annotations" in given) assert.deepEqual(decoded.message_annotations, annotations);
      if ("ttl" in given) assert.equal((decoded as { ttl?: number }).ttl, 5);
    }
  });

  it("has them with one", () => {
    const given = { message_annotations: annotations, content_type: "text/plain", application_properties: { n: "0" } };
    const bytes = encodeMessage(message(given));
    assert.deepEqual(sectionsOf(bytes), [0x70, 0x72, PROPERTIES, APPLICATION_PROPERTIES, 0x75]);
    const { content_type, application_properties } = decodeMessage(bytes);
    assert.deepEqual(
      { content_type, application_properties },
      { content_type: "text/plain", application_properties: { n: "0" } },
    );
  });
});
