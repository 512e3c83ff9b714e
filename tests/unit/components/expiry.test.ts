import { strict as assert } from "node:assert";
import { expiryNotice } from "../../../components/expiry";

const NOW = new Date("2026-03-01T12:00:00.000Z");
const notice = (notAfter: string, days = 30) =>
  expiryNotice({ what: "The root of x", notAfter, remedy: "replace it." }, days, NOW);

describe("what is said of a certificate's end", () => {
  it("is nothing long before it, and nothing of an end that is not known", () => {
    assert.equal(notice("2027-01-01T00:00:00.000Z"), undefined);
    assert.equal(notice("2026-03-31T12:00:00.001Z"), undefined);
    assert.equal(notice(""), undefined);
    assert.equal(notice("2026-03-02T00:00:00.000Z", 0), undefined);
  });

  it("is a warning from the day set on, with the days left, the date and the way out", () => {
    assert.deepEqual(notice("2026-03-31T12:00:00.000Z"), {
      severity: "warning",
      message: "The root of x expires in 30 days, on 2026-03-31. What to do: replace it.",
    });
    assert.match(notice("2026-03-02T13:00:00.000Z")?.message ?? "", /expires in 1 day, /);
    assert.match(notice("2026-03-02T11:00:00.000Z")?.message ?? "", /expires within a day, /);
    assert.equal(notice("2026-04-20T12:00:00.000Z", 60)?.severity, "warning");
  });

  it("is an error once it has passed, whatever the days of warning", () => {
    assert.deepEqual(notice("2026-03-01T12:00:00.000Z", 0), {
      severity: "error",
      message: "The root of x expired on 2026-03-01. What to do: replace it.",
    });
  });
});
