import { GLOBAL_DEVICE_ENDPOINT, hubHost } from "../../azure/hosts";

/** Returns the host in the user name of SASL PLAIN, of a client that named none in TLS; empty if it names none either. */
export function hostOfUser(userName: string): string {
  if (/^[^/]+\/registrations\//i.test(userName)) return GLOBAL_DEVICE_ENDPOINT;
  const [, hub] = /@sas(?:\.root)?\.([^.@]+)$/i.exec(userName) ?? [];
  return hub === undefined ? "" : hubHost(hub).toLowerCase();
}
