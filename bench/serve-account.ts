import { inventAccount } from "../connector/sandbox/account.ts";
import { startSandbox } from "../connector/sandbox/server.ts";

// Serves an account of the size given on the command line, without limits, in a process of its own: what the
// connector costs must not be mixed with what the sandbox costs. The proportions are those of the default account.
const deals = Number(process.argv[2]);
const account = inventAccount({
  deals,
  organizations: Math.ceil(deals / 5),
  persons: Math.ceil((deals * 2) / 5),
  notes: Math.ceil((deals * 3) / 5),
});
const sandbox = await startSandbox({ account, burstLimit: 1_000_000, dailyTokens: 1_000_000_000 });
process.stdout.write(`${JSON.stringify({ url: sandbox.url, token: sandbox.token })}\n`);
process.on("SIGTERM", () => void sandbox.close().then(() => process.exit(0)));
