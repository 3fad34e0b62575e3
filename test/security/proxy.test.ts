import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";

const host = "acme.pipedrive.com";

/** A proxy that answers CONNECT as a test says, and the requests that it received. */
interface TestProxy {
  address: string;
  asked: { target: string; authorization: string | undefined }[];
  answer: (target: string, socket: Socket, authorization: string | undefined) => void;
  server: Server;
  /** Every connection through it, which closing the server leaves open. */
  sockets: Set<Socket>;
}

describe("a proxy of the environment", function () {
  this.timeout(180_000);
  let place: Workplace;
  let sandbox: Sandbox;
  let tls: TlsServer;
  let proxy: TestProxy;

  before(async () => {
    place = makeWorkplace();
    sandbox = await startSandbox({ organizations: 3, persons: 3, deals: 3, notes: 3, burstLimit: 1000 });
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${host}`],
        ...["-addext", `subjectAltName=DNS:${host}`, "-keyout", "key.pem", "-out", "cert.pem"],
      ],
      { cwd: place.folder, stdio: "ignore" },
    );
    const pem = (name: string) => readFileSync(join(place.folder, name));
    tls = createTlsServer({ key: pem("key.pem"), cert: pem("cert.pem") }, handOn(sandbox.url));
    await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
    proxy = await startProxy();
    place.write("config.yaml", `company_url: https://${host}\napi_token: ${sandbox.token}\n`);
  });
  after(async () => {
    for (const server of [tls, proxy.server]) server.close();
    for (const socket of proxy.sockets) socket.destroy();
    tls.closeAllConnections();
    proxy.server.closeAllConnections();
    await sandbox.close();
    place.remove();
  });

  const pipelines = (address: string, more: Record<string, string> = {}) =>
    runBin(place.folder, ["pipelines"], {
      env: { HTTPS_PROXY: address, NODE_EXTRA_CA_CERTS: join(place.folder, "cert.pem"), ...more },
    });
  /** Lets clients with this password through to the sandbox. */
  const letThrough =
    (password: string): TestProxy["answer"] =>
    (_target, socket, authorization) => {
      if (authorization !== `Basic ${Buffer.from(password).toString("base64")}`) {
        socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        return;
      }
      const { port } = tls.address() as AddressInfo;
      const onward = connect(port, "127.0.0.1", () => socket.write("HTTP/1.1 200 Connection established\r\n\r\n"));
      onward.on("error", () => socket.destroy());
      socket.on("error", () => onward.destroy());
      socket.pipe(onward).pipe(socket);
    };
  const refuses =
    (line: string): TestProxy["answer"] =>
    (_target, socket) =>
      void socket.end(`HTTP/1.1 ${line}\r\ncontent-type: text/html\r\n\r\n<html>Denied by policy</html>`);

  it("is asked with its percent-decoded password, and tunnels", async () => {
    proxy.answer = letThrough("jo:p@ss:w/rd%");
    const { status, stdout, stderr } = await pipelines(`http://jo:p%40ss%3Aw%2Frd%25@${proxy.address}`);
    expect(status, stderr).to.equal(0);
    expect(stdout).to.contain("Sales");
    expect(proxy.asked.map(({ target }) => target)).to.include(`${host}:443`);
  });

  it("may be named without http://", async () => {
    proxy.answer = letThrough("jo:word");
    const { status, stderr } = await pipelines(`jo:word@${proxy.address}`);
    expect(status, stderr).to.equal(0);
  });

  it("that wants a password is told as the proxy", async () => {
    proxy.answer = refuses("407 Proxy Authentication Required");
    const { status, stderr } = await pipelines(`http://${proxy.address}`);
    expect(status).to.equal(3);
    expect(stderr).to.equal(
      `Error: No connection to Pipedrive at https://${host}: the proxy ${proxy.address} refused the connection ` +
        "(407 Proxy Authentication Required).\n" +
        "Write user and password into HTTPS_PROXY: http://user:password@host:3128, both percent-encoded.\n",
    );
  });

  it("that forbids the address is told as the proxy, not as a refused token", async () => {
    proxy.answer = refuses("403 Forbidden");
    const { status, stderr } = await pipelines(`http://${proxy.address}`);
    expect(status).to.equal(3);
    expect(stderr).to.contain(`the proxy ${proxy.address} refused the connection (403 Forbidden).`);
    expect(stderr).to.contain(`Ask the proxy's administrator to allow ${host}, or name it in NO_PROXY`);
    expect(stderr).to.not.contain("token");
  });

  it("that cannot reach Pipedrive is told as the proxy", async () => {
    proxy.answer = refuses("502 Bad Gateway");
    const { status, stderr } = await pipelines(`http://${proxy.address}`);
    expect(status).to.equal(3);
    expect(stderr).to.contain(`the proxy ${proxy.address} refused the connection (502 Bad Gateway).`);
  });

  it("that hangs up is told as the proxy", async () => {
    proxy.answer = (_target, socket) => void socket.destroy();
    const { status, stderr } = await pipelines(`http://${proxy.address}`);
    expect(status).to.equal(3);
    expect(stderr).to.contain(`the proxy ${proxy.address} closed the connection`);
  });

  it("that is not there is told as the proxy", async () => {
    const { status, stderr } = await pipelines("http://127.0.0.1:1");
    expect(status).to.equal(3);
    expect(stderr).to.contain("the proxy 127.0.0.1:1 is not listening (ECONNREFUSED).\nCheck HTTPS_PROXY and NO_PROXY");
  });

  it("that is no address of a proxy is told without its password", async () => {
    const { status, stderr } = await pipelines("socks5://jo:very-secret-word@127.0.0.1:1080");
    expect(status).to.equal(3);
    expect(stderr).to.contain("HTTPS_PROXY is not the address of an HTTP proxy.\nWrite it as http://user:password@");
    expect(stderr).to.not.contain("very-secret-word");
  });

  it("is left aside for what NO_PROXY names", async () => {
    proxy.asked.length = 0;
    const { status, stderr } = await pipelines(`http://${proxy.address}`, { NO_PROXY: ".pipedrive.com" });
    expect(status, stderr).to.equal(3);
    expect(stderr).to.not.contain("proxy");
    expect(proxy.asked).to.deep.equal([]);
  });

  it("is left aside for this machine", async () => {
    proxy.asked.length = 0;
    place.write("local.yaml", `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\n`);
    const { status, stderr } = await runBin(place.folder, ["pipelines", "--config", "local.yaml"], {
      env: { HTTPS_PROXY: `http://${proxy.address}`, HTTP_PROXY: `http://${proxy.address}` },
    });
    expect(status, stderr).to.equal(0);
    expect(proxy.asked).to.deep.equal([]);
  });
});

async function startProxy(): Promise<TestProxy> {
  const proxy: TestProxy = { address: "", asked: [], answer: () => {}, server: createServer(), sockets: new Set() };
  proxy.server.on("connect", ({ url, headers }: IncomingMessage, socket: Socket) => {
    proxy.sockets.add(socket);
    socket.on("error", () => socket.destroy());
    const authorization = headers["proxy-authorization"];
    proxy.asked.push({ target: url ?? "", authorization });
    proxy.answer(url ?? "", socket, authorization);
  });
  await new Promise<void>((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
  proxy.address = `127.0.0.1:${(proxy.server.address() as AddressInfo).port}`;
  return proxy;
}

/** Forwards requests to a server that speaks plain http. */
function handOn(url: string) {
  return (incoming: IncomingMessage, response: ServerResponse) => {
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? "/", url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  };
}
