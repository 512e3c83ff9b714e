import { strict as assert } from "node:assert";
import { handler as authority } from "../../../providers/handlers/certificateAuthorityHandler";
import { handler as deviceCertificate } from "../../../providers/handlers/deviceCertificateHandler";
import { handler as deviceRegistration } from "../../../providers/handlers/deviceRegistrationHandler";
import { handler as enrollmentGroup } from "../../../providers/handlers/enrollmentGroupHandler";
import { handler as enrollmentList } from "../../../providers/handlers/enrollmentListHandler";
import { handler as individualEnrollment } from "../../../providers/handlers/individualEnrollmentHandler";
import type { AzureGateway } from "../../../providers/handlers/resource/azureGateway";
import type { Handler, Props } from "../../../providers/handlers/resource/handler";
import { handler as revocations } from "../../../providers/handlers/revocationsHandler";
import { handler as verifiedCertificate } from "../../../providers/handlers/verifiedCertificateHandler";
import { type Cut, cutGateway, type Kept, keptOf } from "../../cast/cutGateway";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";

const SERVICE = "dps.azure-devices-provisioning.net";
const HUB = "hub.azure-devices.net";
const VAULT = { vaultUri: "https://vault-1.vault.azure.net", owner: "o/p/s", softDeleted: "purge" };

/** A resource that is made, changed and ended, cut at every call that it makes. */
interface Life {
  readonly what: string;
  readonly handler: (gateway: AzureGateway) => Handler;
  readonly first: Props;
  readonly next: Props;
  /** What exists before. */
  readonly before?: (azure: FakeAzure) => Promise<void>;
  /** Where only the state knows what stood before, a killed engine forgets it; the safe side is kept. Default: not so. */
  readonly isForgotten?: boolean;
  /** Whether what stood before is as it was. Default: nothing did. */
  readonly after?: (azure: FakeAzure) => void;
}

const leaf = { registrationId: "dev-1", issuerCertificate: "", issuerKey: "" };
const registration = {
  ...{ globalEndpoint: "global.azure-devices-provisioning.net", idScope: "0ne1", serviceEndpoint: SERVICE },
  ...{ registrationId: "dev-1", certificateChain: "-----BEGIN CERTIFICATE-----\n", privateKey: "the device's key" },
};
const root = { rootName: "R", intermediateName: "I" };
const inVault = { ...root, ...VAULT, rootKeyName: "ca-root", intermediateKeyName: "ca-line" };
const uploaded = { provisioningServiceId: "/subscriptions/s/providers/x/provisioningServices/d", name: "root" };

const THEIR_KEYS = { primaryKey: "a".repeat(24), secondaryKey: "b".repeat(24) };

const printOf = (id: string): string => id.toUpperCase().repeat(64);

/** Two devices in the hub, as they were before and must be in the end. */
const registered: Pick<Life, "before" | "after"> = {
  async before(azure) {
    for (const id of ["a", "b"]) {
      const authentication = { type: "selfSigned", x509Thumbprint: { primaryThumbprint: printOf(id) } } as const;
      azure.registrations.set(id, { registrationId: id, deviceId: id, assignedHub: HUB, status: "assigned" });
      azure.identities.set(`${HUB}/${id}`, { deviceId: id, status: "enabled", authentication });
    }
  },
  after(azure) {
    assert.deepEqual(
      [...azure.identities.values()].map(({ status }) => status),
      ["enabled", "enabled"],
    );
    azure.identities.clear();
    azure.registrations.clear();
  },
};

/** A list's inputs: entries of all kinds, by their registration IDs. */
const list = (store: Props, iotEdge: boolean, keyed: readonly string[], referring: readonly string[] = []): Props => ({
  ...{ serviceEndpoint: SERVICE, ...store },
  "device:given": { symmetricKey: THEIR_KEYS, iotEdge },
  ...Object.fromEntries(keyed.map((id) => [`device:${id}`, { symmetricKey: {}, iotEdge }])),
  ...Object.fromEntries(referring.map((id) => [`device:${id}`, { caReference: "root" }])),
});

/** The lives of all resources; certificates are those of a CA that `ca` has made. */
const lives = (ca: Props, other: Props): readonly Life[] => [
  {
    ...{ what: "an enrollment group", handler: enrollmentGroup },
    first: { serviceEndpoint: SERVICE, enrollmentGroupId: "g", caReference: "root" },
    next: { serviceEndpoint: SERVICE, enrollmentGroupId: "g", caReference: "root", provisioningStatus: "disabled" },
  },
  {
    ...{ what: "an enrollment whose keys the service makes", handler: individualEnrollment },
    first: { serviceEndpoint: SERVICE, registrationId: "r", symmetricKey: {} },
    next: { serviceEndpoint: SERVICE, registrationId: "r", symmetricKey: {}, iotEdge: true },
  },
  {
    ...{ what: "an enrollment whose keys a vault keeps", handler: individualEnrollment },
    first: { serviceEndpoint: SERVICE, registrationId: "r", symmetricKey: {}, ...VAULT, storedName: "enrollment-r" },
    next: { serviceEndpoint: SERVICE, registrationId: "r", symmetricKey: {}, ...VAULT, storedName: "enrollment-s" },
  },
  {
    ...{ what: "an enrollment whose keys go to a vault", handler: individualEnrollment },
    first: { serviceEndpoint: SERVICE, registrationId: "r", symmetricKey: {} },
    next: { serviceEndpoint: SERVICE, registrationId: "r", symmetricKey: {}, ...VAULT, storedName: "enrollment-r" },
  },
  {
    ...{ what: "a list that changes by more than one call", handler: enrollmentList },
    first: list({}, false, ["stays"], ["goes"]),
    next: list(
      {},
      true,
      ["stays", "comes"],
      Array.from({ length: 10 }, (_, index) => `new-${index}`),
    ),
  },
  {
    ...{ what: "a list whose keys a vault keeps", handler: enrollmentList },
    first: list(VAULT, false, ["stays", "goes"]),
    next: list(VAULT, true, ["stays", "comes"]),
  },
  {
    ...{ what: "a list whose keys go to a vault", handler: enrollmentList },
    first: list({}, false, ["stays", "goes"]),
    next: list(VAULT, true, ["stays", "comes"]),
  },
  {
    ...{ what: "a list whose keys leave a vault", handler: enrollmentList },
    first: list(VAULT, false, ["stays", "goes"]),
    next: list({}, true, ["stays", "comes"]),
  },
  {
    ...{ what: "a CA whose keys a vault makes", handler: authority },
    first: inVault,
    next: { ...inVault, intermediateName: "J" },
  },
  {
    ...{ what: "a device's certificate in a vault", handler: deviceCertificate },
    first: {
      ...{ ...leaf, issuerCertificate: ca.rootCertificate, issuerKey: ca.rootKey },
      ...{ ...VAULT, storedName: "device-1" },
    },
    next: {
      ...{ ...leaf, issuerCertificate: ca.rootCertificate, issuerKey: ca.rootKey },
      ...{ ...VAULT, storedName: "device-1", lifetimeDays: 20 },
    },
  },
  {
    ...{ what: "a verified certificate", handler: verifiedCertificate },
    first: { ...uploaded, certificate: ca.rootCertificate, signingKey: ca.rootKey },
    next: { ...uploaded, certificate: other.rootCertificate, signingKey: other.rootKey },
  },
  {
    ...{ what: "a registration", handler: deviceRegistration },
    first: registration,
    next: { ...registration, enrollment: "another revision" },
  },
  {
    ...{ what: "revocations", handler: revocations },
    first: { serviceEndpoint: SERVICE, devices: [{ registrationId: "a" }, { registrationId: "new" }] },
    next: { serviceEndpoint: SERVICE, devices: [{ registrationId: "b" }] },
    ...registered,
  },
  {
    ...{ what: "revocations of a device that others have enrolled", handler: revocations },
    first: { serviceEndpoint: SERVICE, devices: [{ registrationId: "theirs" }] },
    next: { serviceEndpoint: SERVICE, devices: [] },
    isForgotten: true,
    async before(azure) {
      const attestation = { type: "symmetricKey", symmetricKey: THEIR_KEYS } as const;
      await fakeGateway(azure)
        .individualEnrollment(SERVICE, "theirs")
        .put({ registrationId: "theirs", provisioningStatus: "enabled", attestation });
    },
    after({ enrollments }) {
      const { provisioningStatus, attestation } = enrollments.get("individual/theirs") ?? assert.fail("it is gone");
      assert.deepEqual([provisioningStatus, attestation.symmetricKey], ["enabled", THEIR_KEYS]);
      enrollments.clear();
    },
  },
  {
    ...{ what: "revocations by certificates", handler: revocations },
    first: { serviceEndpoint: SERVICE, thumbprints: [printOf("a")], hubs: [HUB] },
    next: { serviceEndpoint: SERVICE, thumbprints: [printOf("b")], hubs: [HUB] },
    ...registered,
  },
];

/** All that is anywhere. */
const left = ({ enrollments, certificates, registrations, identities, vault }: FakeAzure): readonly string[] => [
  ...[enrollments, certificates, registrations, identities].flatMap((each) => [...each.keys()]),
  ...[vault.keys, vault.certificates, vault.setSecrets].flatMap((shelf) => [
    ...shelf.live.keys(),
    ...[...shelf.deleted.keys()].map((name) => `deleted ${name}`),
  ]),
];

describe("a resource whose run is cut at any of its calls", () => {
  let all: readonly Life[];

  before(async () => {
    const issue = async () => (await authority(fakeGateway(fakeAzure())).create(root)).outs;
    all = lives(await issue(), await issue());
  });

  const create = async (handler: Handler, inputs: Props): Promise<Kept> => {
    const { id, outs } = await handler.create(inputs);
    return { id, props: outs };
  };
  const update = async (handler: Handler, { id, props }: Kept, inputs: Props): Promise<Kept> => ({
    id,
    props: (await handler.update(id, props, inputs)).outs,
  });
  /** The next `up`: makes what the state does not have, and changes what differs. */
  const goOn = async (handler: Handler, state: Kept | undefined, inputs: Props): Promise<Kept> => {
    if (state === undefined) return create(handler, inputs);
    const { changes } = await handler.diff(state.id, state.props, inputs);
    return changes ? update(handler, state, inputs) : state;
  };
  const isSettled = async (handler: Handler, { id, props }: Kept, inputs: Props): Promise<void> => {
    assert.equal((await handler.diff(id, props, inputs)).changes, false);
    const read = await handler.read(id, props);
    assert.equal((await handler.diff(id, read.props, inputs)).changes, false, "after a refresh");
  };

  /** Runs a life once for each call that it makes, cut there, and what follows the cut in a whole world. */
  const atEachCall = async (
    life: Life,
    how: Cut,
    isKilled: boolean,
    run: (cut: Handler, whole: Handler, inputs: { first: Props; next: Props }) => Promise<void>,
  ): Promise<void> => {
    if (isKilled && life.isForgotten) return;
    const { check } = life.handler(fakeGateway(fakeAzure()));
    const inputs = async (given: Props) => (await check({}, given)).inputs;
    const given = { first: await inputs(life.first), next: await inputs(life.next) };
    for (let at = 0; ; at += 1) {
      const azure = fakeAzure();
      await life.before?.(azure);
      const whole = life.handler(fakeGateway(azure));
      const cut = cutGateway(fakeGateway(azure), at, how);
      const where = `${life.what}, call ${at}, ${how}${isKilled ? ", killed" : ""}`;
      await run(life.handler(cut.gateway), whole, given).catch((cause: unknown) => {
        throw new Error(`${where}: ${cause instanceof Error ? cause.message : cause}`, { cause });
      });
      life.after?.(azure);
      assert.deepEqual(left(azure), [], where);
      if (cut.calls() <= at) return;
    }
  };

  for (const how of ["before", "after"] as const) {
    const name = how === "before" ? "that does not arrive" : "whose response is lost";
    for (const isKilled of [false, true]) {
      const run = isKilled ? `${name}, the engine killed with it` : name;
      it(`is made by the next run: a call ${run}`, async () => {
        for (const life of all)
          await atEachCall(life, how, isKilled, async (cut, whole, { first }) => {
            const state = await keptOf(create(cut, first), undefined, isKilled);
            const made = await goOn(whole, state, first);
            await isSettled(whole, made, first);
            await whole.delete(made.id, made.props);
          });
      });

      it(`is changed by the next run: a call ${run}`, async () => {
        for (const life of all)
          await atEachCall(life, how, isKilled, async (cut, whole, { first, next }) => {
            const made = await create(whole, first);
            const state = await keptOf(update(cut, made, next), made, isKilled);
            const changed = await goOn(whole, state, next);
            await isSettled(whole, changed, next);
            await whole.delete(changed.id, changed.props);
          });
      });
    }

    it(`goes back by the next run with a refresh: a call ${name}`, async () => {
      for (const life of all)
        await atEachCall(life, how, false, async (cut, whole, { first, next }) => {
          const made = await create(whole, first);
          const state = (await keptOf(update(cut, made, next), made, false)) ?? made;
          const { props } = await whole.read(state.id, state.props);
          const back = await goOn(whole, { id: state.id, props }, first);
          await whole.delete(back.id, back.props);
        });
    });

    it(`is ended by the next run: a call ${name}`, async () => {
      for (const life of all)
        await atEachCall(life, how, false, async (cut, whole, { first }) => {
          const made = await create(whole, first);
          const ending = cut.delete(made.id, made.props).then(() => made);
          await keptOf(ending, made, false);
          await whole.delete(made.id, made.props);
        });
    });

    it(`leaves nothing where it is ended before it was finished: a call ${name}`, async () => {
      for (const life of all)
        await atEachCall(life, how, false, async (cut, whole, { first }) => {
          const state = await keptOf(create(cut, first), undefined, false);
          // Of what nothing is known the next `up` creates it again; that is tested above.
          const known = state ?? (await create(whole, first));
          await whole.delete(known.id, known.props);
        });
    });
  }
});
