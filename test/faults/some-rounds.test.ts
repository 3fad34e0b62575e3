import { faultRounds } from "./fault-rounds.ts";

// A few of the rounds of hundreds-of-rounds.long.test.ts; commands/sync-killed.test.ts has kills.
faultRounds("server", { api: 1, statement: 1 });
faultRounds("embedded", { api: 1, statement: 1, cutOff: 1, disk: 1 });
