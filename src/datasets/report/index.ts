export { classMeans } from "./classMeans.ts";
export { FileCounter, type FileStatistics } from "./fileStatistics.ts";
export { type DatasetReport, type Leak, type ReportOptions, reportDataset, type SplitReport } from "./report.ts";
