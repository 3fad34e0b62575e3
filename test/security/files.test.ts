import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { packageRoot } from "../../connector/package-root.ts";
import { makeWorkplace } from "../run-bin.ts";
import { emptyAccount, sandboxSync } from "../sandbox-sync.ts";

describe("under a umask that leaves everything open", function () {
  this.timeout(120_000);

  it("the database folder is the owner's only, and the way to its files with it", async function () {
    if (process.platform === "win32") this.skip();
    const setting = await sandboxSync("server", emptyAccount);
    const place = makeWorkplace();
    try {
      place.write(
        "config.yaml",
        `company_url: ${setting.sandbox.url}\napi_token: ${setting.sandbox.token}\ndatabase: ./made\n`,
      );
      const command = `umask 000; exec ${process.execPath} ${packageRoot}dist/main.js sync`;
      // The sandbox answers from this process, which must not block.

      const child = spawn("sh", ["-c", command], { cwd: place.folder, stdio: "ignore" });
      const status = await new Promise((resolve) => child.once("close", resolve));
      expect(status).to.equal(0);
      const made = join(place.folder, "made");
      expect(statSync(made).mode & 0o777).to.equal(0o700);
      expect(statSync(join(made, "postgres")).mode & 0o777).to.equal(0o700);
      expect(readdirSync(place.folder).sort()).to.deep.equal(["config.yaml", "made"]);
    } finally {
      place.remove();
      await setting.close();
    }
  });
});
