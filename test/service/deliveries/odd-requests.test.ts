import { expect } from "chai";
import { sendRaw } from "../../odd-requests.ts";
import { freePort, startServe, syncToken } from "../../running-service.ts";
import { emptyAccount, sandboxSync } from "../../sandbox-sync.ts";
import { describeOddRequests } from "../../under-odd-requests.ts";

describeOddRequests(1_000);

describe("requests that ended serve", function () {
  this.timeout(120_000);

  it("TRACE, an address with a user name, CONNECT and * are answered 4xx", async () => {
    const setting = await sandboxSync("embedded", emptyAccount);
    const port = await freePort();
    setting.configure(`sync_token: ${syncToken}\n`);
    const service = await startServe(setting, port);
    const ask = async (line: string) =>
      (await sendRaw(port, Buffer.from(`${line}\r\nhost: x\r\n\r\n`))).split("\r\n")[0];
    expect(await ask("TRACE / HTTP/1.1")).to.equal("HTTP/1.1 405 Method Not Allowed");
    expect(await ask("GET http://u:p@h/health HTTP/1.1")).to.equal("HTTP/1.1 400 Bad Request");
    expect(await ask("GET http://h/health/live HTTP/1.1"), "as a proxy asks").to.equal("HTTP/1.1 200 OK");
    expect(await ask("CONNECT x:1 HTTP/1.1")).to.equal("HTTP/1.1 405 Method Not Allowed");
    expect(await ask("OPTIONS * HTTP/1.1")).to.equal("HTTP/1.1 400 Bad Request");
    expect(await ask(`GET /${"a".repeat(9_000)} HTTP/1.1`)).to.equal("HTTP/1.1 414 URI Too Long");
    expect((await service.end()).status).to.equal(143);
    await setting.close();
  });
});
