import { Application } from "../../../emulator/entra/application";
import { entraService } from "../../../emulator/entra/entraService";
import { OidcIssuer } from "../../../emulator/entra/oidcIssuer";
import { tokensOf } from "../../cast/armHarness";
import { type Served, serve } from "../../cast/served";
import { testDependencies } from "../../cast/testDependencies";
import { checkRow } from "./conformanceRow";
import { SIGN_IN_ROWS } from "./signInTable";

describe("conformance of Entra ID", () => {
  let served: Served;

  before(async () => {
    const shared = testDependencies();
    const tokens = tokensOf(shared);
    const issuer = new OidcIssuer(() => tokens.key, shared);
    served = await serve(entraService({ ...shared, tokens, application: new Application(), issuer }));
  });
  after(() => served.close());

  for (const row of SIGN_IN_ROWS) {
    it(row.name, async () => {
      await checkRow(row, ({ method, path, query, headers, body }) =>
        served.send(method, query ? `${path}?${query}` : path, body, { host: "login.microsoftonline.com", ...headers }),
      );
    });
  }
});
