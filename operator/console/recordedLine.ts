const SECRET_NAMES = /(password|secret|credential|passphrase|accountkey|sharedaccess|sas)/i;

/**
 * A line as the transcript has it. Secrets are never given on a line; where one is typed there by mistake, it is `***`: the
 * word after a parameter whose name says so, and the signature of a SAS URL.
 */
export function recordedLine(line: string): string {
  return line
    .replace(/\b(sig|sharedaccesssignature|accountkey)=[^&;\s'"]+/gi, "$1=***")
    .replace(/([-\u2013-\u2015]+(\w+)(?:\s*[:=]\s*|\s+))('[^']*'?|"[^"]*"?|[^\s]+)/g, (whole, before, name, value) =>
      SECRET_NAMES.test(name) && !/^-|^get-credential$/i.test(value) ? `${before}***` : whole,
    );
}
