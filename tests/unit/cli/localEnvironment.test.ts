import { strict as assert } from "node:assert";
import { delimiter, join, sep } from "node:path";
import { SETTING_VARIABLES } from "../../../azure/clients/signIn";
import { applied, DEV_PASSPHRASE, environmentOf, withoutNpm } from "../../../cli/local/localEnvironment";
import { SIGN_IN_VARIABLES, SIGN_IN_WAYS, signInVariables } from "../../../cli/local/signInVariables";
import { aReady } from "../../cast/ready";

const options = {
  paths: { pulumiHome: "/checkout/.local/pulumi", state: "/checkout/.local/state" },
  bundle: "/checkout/.local/azure/ca/bundle.pem",
  cliFolder: "/cache/bin",
};

const FACTS = { ...aReady(), federatedTokenFile: "/checkout/.local/azure/federated-token" };

describe("cli/local/localEnvironment", () => {
  it("points every kind of client at the local Azure", () => {
    const { set, unset } = environmentOf(aReady(), {
      ...options,
      current: { PATH: ["/usr/bin", "/bin"].join(delimiter) },
    });
    const proxy = "http://127.0.0.1:1001";
    for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "mqtt_proxy"]) {
      assert.equal(set[name], proxy, name);
    }
    for (const name of ["NO_PROXY", "no_proxy"]) assert.equal(set[name], "127.0.0.1,localhost,::1", name);
    for (const name of ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
      assert.equal(set[name], options.bundle, name);
    assert.equal(set.NODE_EXTRA_CA_CERTS, "/checkout/.local/azure/ca/ca.pem");
    for (const prefix of ["ARM", "AZURE"]) {
      const names = ["TENANT_ID", "SUBSCRIPTION_ID", "CLIENT_ID", "CLIENT_SECRET"].map(
        (name) => set[`${prefix}_${name}`],
      );
      assert.deepEqual(names, ["tenant", "subscription", "client", "secret"]);
    }
    assert.equal(set.PULUMI_HOME, options.paths.pulumiHome);
    assert.match(set.PULUMI_BACKEND_URL ?? "", /^file:\/\/\/(?:[A-Z]:\/)?checkout\/\.local\/state\?metadata=skip$/);
    assert.equal(set.PULUMI_CONFIG_PASSPHRASE, DEV_PASSPHRASE);
    assert.equal(set.PULUMI_IGNORE_AMBIENT_PLUGINS, "true");
    assert.equal(set.PATH, ["/cache/bin", "/usr/bin", "/bin"].join(delimiter));
    assert.equal(set.ZERO_TOUCH_CLOUD, "local");
    assert.equal(set.ZERO_TOUCH_LOCAL_CONTROL, "http://127.0.0.1:1002");
    assert.deepEqual(unset, []);
  });

  it("removes only set variables that would lead elsewhere", () => {
    const current = {
      PATH: "",
      ARM_USE_OIDC: "true",
      ALL_PROXY: "http://corporate",
      PULUMI_STACK: "prod",
      HOME: "/home/a",
    };
    const change = environmentOf(aReady(), { ...options, current });
    assert.deepEqual([...change.unset].sort(), ["ALL_PROXY", "ARM_USE_OIDC", "PULUMI_STACK"]);
    const result = applied(current, change);
    assert.equal(result.HOME, "/home/a");
    for (const name of change.unset) assert.ok(!(name in result), name);
  });

  it("is idempotent: a second eval changes nothing", () => {
    const current = { PATH: ["/usr/bin", "/bin"].join(delimiter) };
    const once = applied(current, environmentOf(aReady(), { ...options, current }));
    assert.deepEqual(applied(once, environmentOf(aReady(), { ...options, current: once })), once);
  });

  it("knows every variable of a sign-in method", () => {
    const where = ["ARM_TENANT_ID", "ARM_OIDC_AUDIENCE"];
    const read = Object.values(SETTING_VARIABLES).flat();
    const known: readonly string[] = [...SIGN_IN_VARIABLES, ...where];
    assert.deepEqual(
      read.filter((name) => !known.includes(name)),
      [],
    );
  });

  it("sets one sign-in method, and removes all others", () => {
    const current = { PATH: "", ...signInVariables("secret", FACTS), ...signInVariables("oidc", FACTS) };
    for (const way of SIGN_IN_WAYS) {
      const change = environmentOf(aReady(), { ...options, current, signIn: way });
      const result = applied(current, change);
      const found = SIGN_IN_VARIABLES.filter((name) => result[name] !== undefined);
      const expected = SIGN_IN_VARIABLES.filter((name) => signInVariables(way, FACTS)[name] !== undefined);
      assert.deepEqual(found, expected, way);
      assert.equal(Object.values(result).includes("secret"), way === "secret");
      assert.equal(result.ARM_TENANT_ID, "tenant");
    }
  });

  it("keeps Windows' spelling of Path", () => {
    const { set } = environmentOf(aReady(), { ...options, current: { Path: "C" } });
    assert.equal(set.Path, ["/cache/bin", "C"].join(delimiter));
    assert.ok(!("PATH" in set));
  });

  it("leaves plugins to Pulumi with the genuine one", () => {
    const current = { PATH: "", PULUMI_IGNORE_AMBIENT_PLUGINS: "true" };
    const { set, unset } = environmentOf(aReady(), { ...options, current, genuineHome: "/cache/home" });
    assert.equal(set.PULUMI_HOME, "/cache/home");
    assert.ok(!("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION" in set));
    assert.deepEqual(unset, ["PULUMI_IGNORE_AMBIENT_PLUGINS"]);
  });

  it("removes only npm's folders from a PATH", () => {
    const root = join(sep, "home", "a", "checkout");
    const kept = [join(sep, "usr", "bin"), join(sep, "other", "node_modules", ".bin")];
    const npms = [
      join(root, "node_modules", ".bin"),
      join(sep, "home", "node_modules", ".bin"),
      join(sep, "node_modules", ".bin"),
      join(sep, "lib", "npm", "node_modules", "@npmcli", "run-script", "lib", "node-gyp-bin"),
    ];
    assert.equal(withoutNpm([...npms, ...kept].join(delimiter), root), kept.join(delimiter));
  });
});
