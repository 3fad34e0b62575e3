import { describeEndless429, describeFullDiskWhilePublishing } from "./publishing-faults.ts";

describeFullDiskWhilePublishing([1, 2, 3]);
describeEndless429({ "retry-after": "7" });
describeEndless429({});
