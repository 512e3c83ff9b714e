import type { StackDependencies } from "../stack/stackDependencies";
import { completeCertificateRotation, startCertificateRotation } from "./certificateRotation";
import { disableDevice, enableDevice } from "./disableDevice";
import { disableEnrollment, enableEnrollment } from "./disableEnrollment";
import { getLog } from "./getLog";
import { getStackResource } from "./getStackResource";
import { getStampInformation } from "./getStampInformation";
import { invokeDataPlaneRequest } from "./invokeDataPlaneRequest";
import { newIntermediateCertificate } from "./newIntermediateCertificate";
import type { OperatorCommand } from "./operatorCommand";
import { testEnvironment } from "./testEnvironment";

/** The commands that work on the stack; the last two in an unlocked session only. */
export const stackCommands = (dependencies: StackDependencies): readonly OperatorCommand[] =>
  [
    getStampInformation,
    testEnvironment,
    getLog,
    newIntermediateCertificate,
    startCertificateRotation,
    completeCertificateRotation,
    disableDevice,
    enableDevice,
    disableEnrollment,
    enableEnrollment,
    getStackResource,
    invokeDataPlaneRequest,
  ].map((command) => command(dependencies));
