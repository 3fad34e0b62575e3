import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { packageRoot } from "../connector/package-root.ts";

/** An account served in a process of its own. */
export interface AccountServer {
  url: string;
  token: string;
  stop(): void;
}

/**
 * Serves an invented account with this number of deals until `stop`. `gzip` packs its answers for clients that accept
 * it. `program` is the one that serves it.
 */
export async function serveAccount(deals: number, gzip = false, program = "serve-account"): Promise<AccountServer> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", `${packageRoot}bench/${program}.ts`, String(deals), gzip ? "gzip" : "plain"],
    { stdio: ["ignore", "pipe", "inherit"], cwd: packageRoot },
  );
  const [line] = await new Promise<string[]>((resolve) =>
    createInterface(child.stdout).once("line", (...found) => resolve(found)),
  );
  return { ...(JSON.parse(line!) as { url: string; token: string }), stop: () => child.kill("SIGTERM") };
}
