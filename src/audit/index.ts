export { type Audit, type AuditResult, auditLabels, type Suspect } from "./audit.ts";
export { auditRecord, parseAudit } from "./auditFile.ts";
export {
  type ConfidentJoint,
  confidentJoint,
  estimatedNoise,
  labelMargin,
} from "./confidentLearning.ts";
export type { AuditOptions } from "./options.ts";
export type { AuditProgress } from "./outOfFold.ts";
export { type ProposeOptions, proposedFix, proposeFixes } from "./proposeFixes.ts";
export { findSuspects, type SuspectKind, type SuspectRow, suspectKinds } from "./suspects.ts";
