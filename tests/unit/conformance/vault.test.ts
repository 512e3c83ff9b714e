import { vaultHarness } from "../../cast/vaultHarness";
import { checkRow } from "./conformanceRow";
import { VAULT_ROWS } from "./vaultTable";

describe("conformance of Key Vault", () => {
  for (const row of VAULT_ROWS) {
    it(row.name, async () => {
      const harness = await vaultHarness();
      try {
        await checkRow(row, ({ method, path, apiVersion, query, headers, body }) =>
          harness.send(method, `${path}?api-version=${apiVersion}${query ? `&${query}` : ""}`, body, {
            host: "vault-1.vault.azure.net",
            authorization: `Bearer ${harness.token()}`,
            ...headers,
          }),
        );
      } finally {
        await harness.close();
      }
    });
  }
});
