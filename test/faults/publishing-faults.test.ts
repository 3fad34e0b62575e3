import { describeEndless429, describeFullDiskWhilePublishing } from "./publishing-faults.ts";

describeFullDiskWhilePublishing([1]);
describeEndless429({ "retry-after": "0.2" });
