import { inventAccount } from "../connector/sandbox/account/account.ts";
import { serveRendered } from "./rendered-account.ts";

// Serves an account of the size on the command line in which every deal has two or three products, in a process of its
// own, as serve-account.ts does.
const deals = Number(process.argv[2]);
const { url, token, close } = await serveRendered(
  inventAccount({
    products: "every",
    deals,
    organizations: Math.ceil(deals / 5),
    persons: Math.ceil((deals * 2) / 5),
    notes: Math.ceil((deals * 3) / 5),
  }),
);
process.stdout.write(`${JSON.stringify({ url, token })}\n`);
process.on("SIGTERM", () => void close().then(() => process.exit(0)));
