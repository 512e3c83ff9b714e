import { strict as assert } from "node:assert";
import { PreviewFormatError, readPreview, urnParts } from "../../../review/previewDocument";

const refused = (text: string, code: string, message: RegExp): void => {
  assert.throws(
    () => readPreview(text),
    (error: unknown) => error instanceof PreviewFormatError && error.code === code && message.test(error.message),
  );
};

describe("review/previewDocument", () => {
  it("reads a document, with nothing in it too", () => {
    assert.deepEqual(readPreview('{"changeSummary":{"same":3}}'), { steps: [], diagnostics: [], summary: { same: 3 } });
    assert.equal(readPreview('{"steps":[{"op":"same","urn":"u"}]}').steps.length, 1);
  });

  it("ignores text before and after the document", () => {
    const text =
      'Updating plugins\n{\n  "steps": []\n}\nerror: no changes were expected for preview but changes were proposed\n';
    assert.deepEqual(readPreview(text).steps, []);
  });

  it("rejects text that is not JSON, and quotes nothing of it", () => {
    refused("", "NOT_JSON", /not JSON/);
    refused("password=hunter2", "NOT_JSON", /^(?!.*hunter2)/);
  });

  it("rejects other JSON", () => {
    refused('{"version":3,"deployment":{}}', "NOT_A_PREVIEW", /no steps of a preview/);
    for (const step of ['{"op":1}', "null", '"op"', '{"urn":"u"}', '{"op":"same"}', "[]", "5"])
      refused(`{"steps":[${step}]}`, "NOT_A_PREVIEW", /no steps of a preview/);
    refused("[1, 2]", "NOT_A_PREVIEW", /not an object/);
    refused('{"steps":{}}', "NOT_A_PREVIEW", /no steps of a preview/);
  });

  it("splits a URN, also one with colons in the name", () => {
    const urn = "urn:pulumi:dev::project::zero-touch:iot:IotHub$azure-native:iothub:IotHubResource::a::b";
    assert.deepEqual(urnParts(urn), { stack: "dev", type: "azure-native:iothub:IotHubResource", name: "a::b" });
  });
});
