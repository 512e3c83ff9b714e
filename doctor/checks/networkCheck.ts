import { ARM_HOST, GLOBAL_DEVICE_ENDPOINT, hubHost, LOGIN_HOST } from "../../azure/hosts";
import type { Check, DoctorContext, ProbeResult } from "../doctorContext";
import { type DoctorResult, fail, ok, warn } from "../doctorResult";

const HTTPS = 443;
/** MQTT over TLS. */
const MQTT = 8883;
/** Seconds by which clocks may differ: Entra refuses tokens that are five minutes off. */
const SKEW = 300;

const OPEN_443 = (host: string): string =>
  `let this machine reach ${host}:443, or set HTTPS_PROXY to the proxy that can`;

/** A proxy that intercepts TLS: the chain's topmost issuer is a CA of this network only. */
function inspected(
  host: string,
  { isTrusted, mistrust, topIssuer }: Extract<ProbeResult, { reached: true }>,
): DoctorResult {
  const ca = `its CA is "${topIssuer}", not a public one`;
  if (isTrusted) {
    const remedy =
      "devices outside of this network are not concerned; name that CA in NODE_EXTRA_CA_CERTS and SSL_CERT_FILE for every tool, " +
      `or exempt Azure's hosts from inspection: client certificates do not pass it, so devices cannot register from here`;
    return warn(`A proxy intercepts TLS to ${host}: ${ca}`, remedy);
  }
  const remedy =
    "name that CA's file in NODE_EXTRA_CA_CERTS and SSL_CERT_FILE, or exempt Azure's hosts from inspection";
  return fail(`TLS to ${host} is not trusted (${mistrust ?? "no reason given"}): ${ca}`, remedy);
}

function secure(host: string, port: number, probed: ProbeResult, isLocal: boolean): DoctorResult {
  if (!probed.reached) return fail(`${host}:${port} cannot be reached: ${probed.why}`, OPEN_443(host));
  if (isLocal && probed.isTrusted) return ok(`${host}:${port} responds, with a certificate of the local Azure's CA`);
  if (isLocal) {
    const remedy = 'eval "$(npm run -s env)" names the local CA in NODE_EXTRA_CA_CERTS; a new shell may lack it';
    return fail(`The local Azure's certificate for ${host} is not trusted: ${probed.mistrust ?? ""}`, remedy);
  }
  if (!probed.isPublic) return inspected(host, probed);
  if (probed.isTrusted) return ok(`${host}:${port} responds, with a public certificate`);
  const remedy = "check the clock, SSL_CERT_FILE and NODE_EXTRA_CA_CERTS";
  return fail(`TLS to ${host} is not trusted: ${probed.mistrust ?? "no reason given"}`, remedy);
}

const pointsAtLocal = ({ env }: DoctorContext): boolean => env.ZERO_TOUCH_CLOUD === "local";

/** Azure's hosts are reachable, without TLS inspection. */
export const network: Check = {
  name: "Network",
  async find(context) {
    const stack = await context.stack();
    const hub = "plan" in stack ? stack.plan.hub : undefined;
    const hosts = [ARM_HOST, LOGIN_HOST, GLOBAL_DEVICE_ENDPOINT];
    const probed = await Promise.all(hosts.map((host) => context.probe(host, HTTPS)));
    const findings = hosts.map((host, index) =>
      secure(host, HTTPS, probed[index] ?? { reached: false, why: "not asked" }, pointsAtLocal(context)),
    );
    if (hub !== undefined) {
      const shown = await context.probe(hubHost(hub), HTTPS);
      // A hub that is yet to be made has no address.
      if (shown.reached) findings.push(secure(hubHost(hub), HTTPS, shown, pointsAtLocal(context)));
    }
    const mqtt = await context.probe(GLOBAL_DEVICE_ENDPOINT, MQTT);
    const remedy =
      "devices on this network need port 443 (HTTPS, or MQTT over WebSocket); the toolkit itself needs no other";
    findings.push(
      mqtt.reached
        ? ok(`${GLOBAL_DEVICE_ENDPOINT}:${MQTT} (MQTT) responds`)
        : warn(`${GLOBAL_DEVICE_ENDPOINT}:${MQTT} (MQTT) cannot be reached: ${mqtt.why}`, remedy),
    );
    return findings;
  },
};

/** This machine's clock agrees with Azure's. */
export const clock: Check = {
  name: "Clock",
  async find(context) {
    const probed = await context.probe(ARM_HOST, HTTPS);
    if (!probed.reached || probed.date === undefined) {
      return [warn("The clock was not checked: Azure returned no time", "see Network")];
    }
    const skew = Math.round((context.now().getTime() - probed.date.getTime()) / 1000);
    const seconds = Math.abs(skew);
    if (seconds <= SKEW) return [ok(`The clock is within ${Math.max(seconds, 1)} s of Azure's`)];
    const remedy = "set the clock (NTP): tokens and new certificates are refused otherwise";
    return [fail(`The clock is ${seconds} s ${skew > 0 ? "ahead of" : "behind"} Azure's`, remedy)];
  },
};
