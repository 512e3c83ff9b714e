import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { createOrUpdateDpsCertificate } from "./createOrUpdateDpsCertificate";
import { deleteDpsCertificate } from "./deleteDpsCertificate";
import { generateVerificationCode } from "./generateVerificationCode";
import { getDpsCertificate } from "./getDpsCertificate";
import { listDpsCertificates } from "./listDpsCertificates";
import { verifyDpsCertificate } from "./verifyDpsCertificate";

/** The CA certificates of provisioning services (Azure REST API "Dps Certificate"). */
export const dpsCertificateOperations = (deps: ArmDependencies): Operation[] =>
  [
    listDpsCertificates,
    getDpsCertificate,
    createOrUpdateDpsCertificate,
    deleteDpsCertificate,
    generateVerificationCode,
    verifyDpsCertificate,
  ].map((operation) => operation(deps));
