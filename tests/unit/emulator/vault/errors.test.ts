import assert from "node:assert/strict";
import { explainedCodes } from "../../../../azure/explain";
import {
  badParameter,
  INNER_ERRORS,
  notEmulated,
  VAULT_ERRORS,
  vaultError,
} from "../../../../emulator/vault/vaultErrors";

describe("the errors of a vault", () => {
  it("are all explained to who sees them in a failed deployment", () => {
    const explained = explainedCodes("vault");
    assert.deepEqual(
      [...VAULT_ERRORS, ...INNER_ERRORS].filter((code) => !explained.includes(code)),
      [],
    );
  });

  it("have Azure's shape, with an inner code where there is one", () => {
    assert.deepEqual(badParameter("why").body, { error: { code: "BadParameter", message: "why" } });
    const { status, body, headers } = vaultError(403, "Forbidden", "why", {
      inner: "ForbiddenByRbac",
      headers: { a: "b" },
    });
    assert.deepEqual([status, headers], [403, { a: "b" }]);
    assert.deepEqual(body, {
      error: { code: "Forbidden", message: "why", innererror: { code: "ForbiddenByRbac" } },
    });
    assert.match(notEmulated("this").message, /501 .*does not emulate this\. See docs\/key-vault\.md/);
  });
});
