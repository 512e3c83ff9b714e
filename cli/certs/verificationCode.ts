import { shown } from "../commandLine";
import type { ValidationErrors } from "./validationErrors";

/**
 * A plausible verification code. Azure documents no rule, and shows hexadecimal digits in upper case:
 * 48 of them ("Tutorial: prove possession of a CA certificate", 75B86466DA34…; the local Azure's are the same) and 40
 * (`Get-AzIotHubCertificateVerificationCode`). Hence letters and digits. Fewer than 32 (128 bits) could be guessed: such a
 * code was truncated when copied. More than 64 do not fit a common name (RFC 5280, appendix A.1).
 */
const CODE = /^[A-Za-z0-9]{32,64}$/;

/** Adds an error if the value of an option or operand, `field`, cannot be a verification code. */
export function noteCode(errors: ValidationErrors, field: string, code: string | undefined): void {
  if (code === undefined || CODE.test(code)) return;
  const rule =
    "32 to 64 letters and digits without blanks, as the service returned it (48 hexadecimal digits as a rule)";
  errors.add(`${field} is ${shown(code)}: ${rule}; copy the whole code again`);
}
