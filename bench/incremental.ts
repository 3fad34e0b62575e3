import { serveAccount } from "./account-server.ts";
import { type Changes, measureChanges, writeIncremental } from "./changed-deals.ts";
import { syncPlace } from "./sync-place.ts";

/**
 * What a sync of a thousand changed deals takes in a small account and in a large one: it must depend on what changed,
 * not on how much there is. Takes the two sizes (`8000,500000`), how many deals change, and the rounds. The changed deals
 * are won ones of as many organizations, in both accounts, so that what belongs to them is as much.
 */
const [small, large] = (process.argv[2] ?? "8000,80000").split(",").map(Number) as [number, number];
const changed = Number(process.argv[3] ?? 1000);
const rounds = Number(process.argv[4] ?? 3);

writeIncremental(await measure(small), await measure(large));

async function measure(deals: number): Promise<Changes> {
  const account = await serveAccount(deals);
  const place = await syncPlace(account, "server");
  try {
    await place.sync();
    return await measureChanges(account, place, { deals, changed, rounds });
  } finally {
    await place.remove();
    account.stop();
  }
}
