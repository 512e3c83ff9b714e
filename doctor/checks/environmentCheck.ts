import type { Check } from "../doctorContext";
import { type DoctorResult, fail, ok, warn } from "../doctorResult";

const first = (env: NodeJS.ProcessEnv, ...names: readonly string[]): string | undefined =>
  names.map((name) => env[name]).find((value) => value);

/** A proxy's address without user name and password; undefined if invalid. */
function shownProxy(proxy: string): string | undefined {
  const { protocol, host } = URL.canParse(proxy) ? new URL(proxy) : { protocol: "", host: "" };
  return /^https?:$/.test(protocol) && host !== "" ? `${protocol}//${host}` : undefined;
}

/** Which Azure the shell points at, and through which proxy. */
export const environment: Check = {
  name: "Environment",
  async find(context) {
    const { env } = context;
    const findings: DoctorResult[] = [];
    const local = context.localAzure();
    const isPointedAtLocal = env.ZERO_TOUCH_CLOUD === "local";
    const isUnknown = local === undefined && env.ZERO_TOUCH_LOCAL_CONTROL === undefined;
    if (isPointedAtLocal && (isUnknown || (await context.isLocalAzureStopped()))) {
      findings.push(fail("This shell points at the local Azure, and it is not running", "npm run local -- start"));
    } else if (isPointedAtLocal) findings.push(ok("This shell points at the local Azure"));
    else {
      const beside = local === undefined ? "" : "; the local Azure runs beside it";
      findings.push(ok(`This shell points at Azure itself${beside}`));
    }
    const proxy = first(env, "HTTPS_PROXY", "https_proxy");
    if (proxy !== undefined) {
      const shown = shownProxy(proxy);
      // Go, and so the engine, takes HOST:PORT as well; the libraries of Node do not.
      findings.push(
        shown === undefined
          ? fail(
              "HTTPS_PROXY is not an address that every tool can read",
              "HTTPS_PROXY=http://HOST:PORT, with its scheme",
            )
          : ok(`Calls go through the proxy ${shown}`),
      );
      const exempt = (first(env, "NO_PROXY", "no_proxy") ?? "").split(",").map((host) => host.trim());
      if (!exempt.some((host) => host === "127.0.0.1" || host === "*")) {
        const remedy = "set NO_PROXY=127.0.0.1,localhost beside the proxy";
        findings.push(
          warn("NO_PROXY does not name 127.0.0.1: the Pulumi engine may not reach its own plugins", remedy),
        );
      }
    } else if (first(env, "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy") !== undefined) {
      const remedy = "set HTTPS_PROXY as well: the Azure SDKs and Pulumi read no other";
      findings.push(warn("A proxy is set, but not for HTTPS", remedy));
    }
    if (env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
      const remedy = "unset it; name the CA of your proxy in NODE_EXTRA_CA_CERTS and SSL_CERT_FILE instead";
      findings.push(fail("NODE_TLS_REJECT_UNAUTHORIZED=0: anyone on the network path can read every token", remedy));
    }
    return findings;
  },
};
