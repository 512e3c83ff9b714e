/** Links of a provisioning service to its hubs. */
import { code } from "../displayValue";
import type { ChangeReader } from "../reviewFinding";

/** Of the links by identity. */
export const hubLinks: ChangeReader = (change) => {
  const section = "devices" as const;
  switch (change.action) {
    case "create":
    case "import":
      return [
        { section, text: "The provisioning service is linked to its hub by its managed identity, without a key." },
      ];
    case "delete":
    case "replace":
      return [
        {
          section,
          text: `The links by identity ${code(change.name)} are **removed**: until the hubs are linked again, no device can register.`,
        },
      ];
    case "update": {
      const isList = change.differences.some(({ property }) => property === "hubs");
      const text = isList
        ? "The linked hubs change: devices are distributed over the new list when they register the next time."
        : "The hubs are linked again after the update of the provisioning service: between the two, a device that registers is refused, and tries again.";
      return [{ section, text }];
    }
  }
};

/** Of the identity of a provisioning service: it is read, and has the findings of the service. */
export const serviceIdentity: ChangeReader = () => [];
