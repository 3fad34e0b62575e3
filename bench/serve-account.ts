import { inventAccount } from "../connector/sandbox/account/account.ts";
import { serveRendered } from "./rendered-account.ts";

// Serves an account of the size on the command line in a process of its own: the cost of the connector must not be
// mixed with that of the account. The proportions are those of the default account. With `gzip`, answers are packed.
const deals = Number(process.argv[2]);
const account = inventAccount({
  deals,
  organizations: Math.ceil(deals / 5),
  persons: Math.ceil((deals * 2) / 5),
  notes: Math.ceil((deals * 3) / 5),
});
const { url, token, close } = await serveRendered(account, { gzip: process.argv[3] === "gzip" });
process.stdout.write(`${JSON.stringify({ url, token })}\n`);
process.on("SIGTERM", () => void close().then(() => process.exit(0)));
