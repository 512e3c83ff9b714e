import * as pulumi from "@pulumi/pulumi";
import { DAY_MS } from "../certs/clock";
import { withoutStack } from "./withoutStack";

/** A message about a certificate that expires. */
export interface ExpiryNotice {
  readonly severity: "warning" | "error";
  readonly message: string;
}

/**
 * The notice about a certificate's expiry, if any: a warning from `warningDays` before it, an error afterwards. `subject`
 * starts a sentence; `notAfter` is ISO 8601.
 */
export function expiryNotice(
  { subject, notAfter, remedy }: { readonly subject: string; readonly notAfter: string; readonly remedy: string },
  warningDays: number,
  now: Date,
): ExpiryNotice | undefined {
  const left = new Date(notAfter).getTime() - now.getTime();
  const day = notAfter.slice(0, 10);
  if (left <= 0) return { severity: "error", message: `${subject} expired on ${day}. To fix: ${remedy}` };
  if (!(left <= warningDays * DAY_MS)) return undefined;
  const days = Math.floor(left / DAY_MS);
  const span = days === 0 ? "within a day" : days === 1 ? "in 1 day" : `in ${days} days`;
  return { severity: "warning", message: `${subject} expires ${span}, on ${day}. To fix: ${remedy}` };
}

/**
 * Logs a certificate's expiry at its resource, in previews and updates; an expired certificate fails the run. A certificate
 * that this run renews has no known end in a preview, and is not reported.
 */
export function reportExpiry(
  resource: pulumi.Resource,
  certificate: { readonly subject: string; readonly notAfter: pulumi.Output<string>; readonly remedy: string },
  warningDays: number,
): void {
  certificate.notAfter.apply((notAfter) => {
    const notice = expiryNotice({ ...certificate, notAfter: notAfter ?? "" }, warningDays, new Date());
    if (notice?.severity === "error") throw withoutStack(new pulumi.ResourceError(notice.message, resource, true));
    if (notice?.severity === "warning") pulumi.log.warn(notice.message, resource);
  });
}
