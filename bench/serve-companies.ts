import { type InventedAccount, inventAccount } from "../connector/sandbox/account/account.ts";
import { serveRendered } from "./rendered-account.ts";

// Serves an account in which each organization has one won deal, so that every one is a company. Argument: their
// number.
const count = Number(process.argv[2]);
const invented = inventAccount({ organizations: count, deals: count, persons: 0, notes: 0 });
const account: InventedAccount = {
  ...invented,
  records: {
    ...invented.records,
    deals: {
      *[Symbol.iterator]() {
        let number = 0;
        for (const deal of invented.records.deals) {
          number++;
          const won = { status: "won", won_time: "2026-01-31T10:00:00Z", lost_time: null, lost_reason: null };
          yield { ...deal, ...won, org_id: number, person_id: null, is_deleted: false, is_archived: false };
        }
      },
    },
    organizations: {
      *[Symbol.iterator]() {
        for (const organization of invented.records.organizations) yield { ...organization, is_deleted: false };
      },
    },
  },
};
const { url, token, close } = await serveRendered(account);
process.stdout.write(`${JSON.stringify({ url, token })}\n`);
process.on("SIGTERM", () => void close().then(() => process.exit(0)));
