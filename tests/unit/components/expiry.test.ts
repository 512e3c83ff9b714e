import { strict as assert } from "node:assert";
import { expiryNotice } from "../../../components/expiry";

const NOW = new Date("2026-03-01T12:00:00.000Z");
const notice = (notAfter: string, days = 30) =>
  expiryNotice({ subject: "The root of x", notAfter, remedy: "replace it." }, days, NOW);

describe("the notice of a certificate's expiry", () => {
  it("is absent long before it, and for an unknown date", () => {
    assert.equal(notice("2027-01-01T00:00:00.000Z"), undefined);
    assert.equal(notice("2026-03-31T12:00:00.001Z"), undefined);
    assert.equal(notice(""), undefined);
    assert.equal(notice("2026-03-02T00:00:00.000Z", 0), undefined);
  });

  it("is a warning from the configured day on, with the days left, the date and the remedy", () => {
    const { severity, message = "" } = notice("2026-03-31T12:00:00.000Z") ?? {};
    assert.equal(severity, "warning");
    assert.match(message, /^The root of x expires in 30 days, on 2026-03-31\. To fix: replace it\.$/);
    assert.match(notice("2026-03-02T13:00:00.000Z")?.message ?? "", /expires in 1 day, /);
    assert.match(notice("2026-03-02T11:00:00.000Z")?.message ?? "", /expires within a day, /);
    assert.equal(notice("2026-04-20T12:00:00.000Z", 60)?.severity, "warning");
  });

  it("is an error afterwards, whatever the days of warning", () => {
    const { severity, message = "" } = notice("2026-03-01T12:00:00.000Z", 0) ?? {};
    assert.equal(severity, "error");
    assert.match(message, /expired on 2026-03-01\. To fix: replace it/);
  });
});
