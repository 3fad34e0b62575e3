import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { packageRoot } from "../connector/package-root.ts";

/** Serves an invented account of so many deals, in a process of its own, until `stop`. */
export async function serveAccount(deals: number): Promise<{ url: string; token: string; stop(): void }> {
  const child = spawn(
    process.execPath,
    ["--max-old-space-size=12000", "--import", "tsx", `${packageRoot}bench/serve-account.ts`, String(deals)],
    { stdio: ["ignore", "pipe", "inherit"], cwd: packageRoot },
  );
  const [line] = await new Promise<string[]>((resolve) =>
    createInterface(child.stdout).once("line", (...found) => resolve(found)),
  );
  return { ...(JSON.parse(line!) as { url: string; token: string }), stop: () => child.kill("SIGTERM") };
}
