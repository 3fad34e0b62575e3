import { createConnection } from "node:net";
import { networkInterfaces } from "node:os";
import { expect } from "chai";
import { startSandbox } from "../../connector/sandbox/server.ts";
import { makeWorkplace, runBin } from "../run-bin.ts";

describe("connections", function () {
  this.timeout(60_000);

  it("are not made where certificates would not be checked", async () => {
    const place = makeWorkplace();
    place.write("config.yaml", "company_url: https://127.0.0.1:1\napi_token: a-token-for-tests\n");
    const { status, stderr } = await runBin(place.folder, ["sync"], { env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } });
    place.remove();
    expect(status).to.equal(2);
    expect(stderr).to.contain(
      "Error: NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the check of certificates; nothing was sent.\nUnset it.",
    );
  });

  it("to the sandbox come from this machine only", async function () {
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal, family }) => !internal && family === "IPv4");
    if (outside === undefined) return this.skip();
    const sandbox = await startSandbox({ organizations: 0, persons: 0, deals: 0, notes: 0 });
    const outcome = await new Promise((resolve) => {
      const socket = createConnection(Number(new URL(sandbox.url).port), outside.address);
      socket
        .once("connect", () => resolve("connected"))
        .once("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
      socket.once("connect", () => socket.destroy());
    });
    await sandbox.close();
    expect(outcome).to.equal("ECONNREFUSED");
  });
});
