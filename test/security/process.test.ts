import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { makeWorkplace, runBin } from "../run-bin.ts";

const token = "a-token-that-nobody-may-see-0123456789";

describe("while it runs", function () {
  this.timeout(60_000);

  it("neither its command line nor its title shows a secret, and one that is aborted leaves no dump of its own", async function () {
    if (!existsSync("/proc/self/cmdline")) return this.skip();
    const place = makeWorkplace();
    const header: unknown[] = [];
    let pid = 0;
    let listed = "";
    const server = createServer(({ headers }) => {
      header.push(headers["x-api-token"]);
      // It waits for the answer, so it is in the middle of its work.
      listed = ["cmdline", "comm"].map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8")).join("\n");
      process.kill(pid, "SIGABRT");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    place.write("config.yaml", `company_url: http://127.0.0.1:${port}\napi_token: ${"${TOKEN}"}\n`);
    const { signal } = await runBin(place.folder, ["sync"], {
      env: { TOKEN: token },
      onStart: (child) => {
        pid = child.pid!;
      },
    });
    server.closeAllConnections();
    server.close();
    const left = readdirSync(place.folder).filter((name) => !/^core\b/.test(name));
    place.remove();
    expect(signal).to.equal("SIGABRT");
    expect(header).to.deep.equal([token]);
    expect(listed).to.contain("main.js\0sync").and.not.to.contain(token);
    expect(left).to.deep.equal(["config.yaml"]);
  });
});
