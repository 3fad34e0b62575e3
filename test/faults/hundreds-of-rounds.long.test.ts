import { faultRounds } from "./fault-rounds.ts";

faultRounds("server", { api: 40, killed: 20, statement: 14, pooler: 15 });
faultRounds("embedded", { api: 40, killed: 15, statement: 25, cutOff: 25, disk: 25, zombie: 6 });
