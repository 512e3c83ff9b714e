import { strict as assert } from "node:assert";
import { Provider } from "@pulumi/azure-native";
import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../../components/certificateAuthority";
import { identityError, providerIdentity } from "../../../providers/providerIdentity";

const settled = (output: pulumi.Output<void>): Promise<void> =>
  (output as unknown as { promise(): Promise<void> }).promise();

describe("the identity of an explicit azure-native provider", function () {
  this.timeout(120_000);
  const env = { ARM_CLIENT_ID: "app-1", ARM_TENANT_ID: "tenant-1" };

  before(async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
      call: () => ({}),
    });
  });

  it("may be the environment's, or none", () => {
    for (const given of [{}, { clientId: "APP-1", tenantId: "tenant-1" }, { tenantId: "tenant-1" }]) {
      assert.equal(identityError("p", given, env), undefined);
    }
    assert.equal(identityError("p", { tenantId: "tenant-1" }, {}), undefined, "az login");
    assert.equal(identityError("p", { clientId: "app-2" }, { ...env, AZURE_CLIENT_ID: "app-2" }), undefined);
  });

  it("is refused with provider, field, rule and remedy if the environment has another one or none", () => {
    const other = identityError("p", { clientId: "app-2" }, env) ?? "";
    assert.match(other, /provider "p": clientId.*ARM_CLIENT_ID differs.*\n {2}To fix: .*leave/);
    assert.doesNotMatch(other, /app-/, "the SDK marks the client's ID secret");
    assert.match(identityError("p", { clientId: "app-2" }, {}) ?? "", /ARM_CLIENT_ID is not set/);
    assert.match(identityError("p", { ...env, tenantId: "tenant-2" }, env) ?? "", /tenantId.*ARM_TENANT_ID differs/);
  });

  it("is read from the provider's own inputs", async () => {
    const provider = new Provider("other", { clientId: "app-2", clientSecret: "s3cr3t", tenantId: "tenant-1" });
    await assert.rejects(settled(providerIdentity(provider, env)), (error: Error) => {
      assert.ok(pulumi.RunError.isInstance(error));
      assert.match(error.message, /provider "other": clientId/);
      assert.doesNotMatch(error.message, /s3cr3t/);
      return true;
    });
    await settled(providerIdentity(new Provider("same", { clientId: "app-1" }), env));
    await settled(providerIdentity(new Provider("place", { subscriptionId: "s" }), {}));
  });

  it("is checked where a component gets the provider", async () => {
    const provider = new Provider("given", { clientId: "app-2" });
    const refused = new Promise<unknown>((resolve) => {
      const listeners = process.listeners("unhandledRejection");
      process.removeAllListeners("unhandledRejection");
      process.once("unhandledRejection", (error) => {
        for (const each of listeners) process.on("unhandledRejection", each);
        resolve(error);
      });
    });
    new CertificateAuthority("ca", { rootName: "R", intermediateName: "I" }, { providers: [provider] });
    assert.match(String(await refused), /provider "given": clientId/);
  });
});
