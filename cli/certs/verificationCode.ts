import { shown } from "../commandLine";
import type { ValidationErrors } from "./validationErrors";

/**
 * A verification code as Azure may send it. Its documentation states no rule, and shows hexadecimal digits in upper case:
 * 48 of them ("Tutorial: prove possession of a CA certificate", 75B86466DA34…; the local Azure's are the same) and 40
 * (`Get-AzIotHubCertificateVerificationCode`). Hence letters and digits. Below 32, 128 bits, it could be guessed: such a
 * code was cut when it was copied. Above 64 no common name holds it (RFC 5280, appendix A.1).
 */
const CODE = /^[A-Za-z0-9]{32,64}$/;

/** Notes when a verification code of an option or operand, `field`, cannot be one. */
export function noteCode(errors: ValidationErrors, field: string, code: string | undefined): void {
  if (code === undefined || CODE.test(code)) return;
  const rule = "32 to 64 letters and digits without blanks, as the service gave it (48 hexadecimal digits as a rule)";
  errors.add(`${field} is ${shown(code)}: ${rule}; copy the whole code once more`);
}
