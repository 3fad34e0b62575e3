import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { SMTPServer, type SMTPServerAuthentication, type SMTPServerOptions } from "smtp-server";
import { deliver } from "../../connector/alerts/deliver.ts";
import { testMessage } from "../../connector/alerts/message.ts";
import { alertChannels, type MailServer } from "../../connector/config/alert-channels.ts";
import { makeWorkplace } from "../run-bin.ts";

const message = testMessage("acme.pipedrive.com", "7d1f");
const patience = { total: 5_000, longestTry: 5_000, firstPause: 50 };

function ownCertificate(): { key: Buffer; cert: Buffer } {
  const place = makeWorkplace();
  try {
    const names = ["-subj", "/CN=127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"];
    const options = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...names];
    execFileSync("openssl", options, { cwd: place.folder, stdio: "ignore" });
    return { key: readFileSync(join(place.folder, "key.pem")), cert: readFileSync(join(place.folder, "cert.pem")) };
  } finally {
    place.remove();
  }
}

describe("alerts by e-mail", function () {
  this.timeout(60_000);
  let server: SMTPServer | undefined;
  let mails: { to: string[]; text: string }[] = [];
  afterEach(async () => {
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(resolve)));
    server = undefined;
    mails = [];
  });

  const listen = async (options: SMTPServerOptions = {}) => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onData(stream, session, done) {
        let text = "";
        stream.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        stream.on("end", () => {
          mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text });
          done();
        });
      },
      ...options,
    });
    server.on("error", () => {});
    server.listen(0, "127.0.0.1");
    await once(server.server, "listening");
    return (server.server.address() as { port: number }).port;
  };
  const send = (port: number, to = "ops@acme.example", more: Partial<MailServer> = {}) => {
    const smtp = { host: "127.0.0.1", port, from: "sync@acme.example", ...more };
    const [channel] = alertChannels({ alerts: [{ email: to }], smtp });
    return deliver(channel!, message, undefined, patience);
  };

  it("arrive, signed in, with an id of their own and nobody's absence answered", async () => {
    let login: SMTPServerAuthentication | undefined;
    const port = await listen({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth(auth, _session, done) {
        login = auth;
        done(null, { user: "u" });
      },
    });
    const delivery = await send(port, "ops@acme.example, dev@acme.example", { username: "u", password: "pass-word" });
    expect(delivery).to.deep.include({ taken: true });
    expect(delivery.answer).to.match(/^answered 250 /);
    expect(login).to.include({ username: "u", password: "pass-word" });
    const [mail] = mails;
    expect(mail!.to).to.deep.equal(["ops@acme.example", "dev@acme.example"]);
    expect(mail!.text)
      .to.contain("Subject: [pipedrive-planhat] This is a test (acme.pipedrive.com)")
      .and.contain("Message-ID: <7d1f.test@pipedrive-planhat.invalid>")
      .and.contain("Auto-Submitted: auto-generated")
      .and.contain("From: sync@acme.example");
  });

  it("a wrong password is told, and not tried again and again", async () => {
    const port = await listen({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(Object.assign(new Error("No such login"), { responseCode: 535 })),
    });
    const delivery = await send(port, "ops@acme.example", { username: "u", password: "pass-word" });
    expect(delivery).to.deep.include({ taken: false, again: "rarely" });
    expect(delivery.answer).to.equal("refused the login (535 No such login)");
    expect(JSON.stringify(delivery)).not.to.contain("pass-word");
  });

  it("a server that greylists gets it later, one that is full too; one recipient of two is told", async () => {
    const port = await listen({
      onRcptTo({ address }, _session, done) {
        if (address.startsWith("grey")) {
          return done(Object.assign(new Error("4.7.1 Greylisted, try again in 300 seconds"), { responseCode: 451 }));
        }
        if (address.startsWith("gone")) return done(Object.assign(new Error("No such user"), { responseCode: 550 }));
        done();
      },
    });
    expect(await send(port, "grey@acme.example")).to.include({ taken: false, again: "later" });
    const gone = await send(port, "gone@acme.example");
    expect(gone).to.include({ taken: false, again: "rarely", answer: "answered 550 No such user" });
    const half = await send(port, "gone@acme.example, ops@acme.example");
    expect(half).to.deep.include({ taken: true, lacking: "refused gone@acme.example (550 No such user)" });
    expect(mails.map(({ to }) => to)).to.deep.equal([["ops@acme.example"]]);
  });

  it("a password goes nowhere without TLS, and a certificate that nobody vouches for is refused", async () => {
    const port = await listen({ authOptional: false, allowInsecureAuth: true });
    // Not this machine by its name, so that the rule for others holds.
    const delivery = await send(port, "ops@acme.example", { host: "127.1", username: "u", password: "pass-word" });
    expect(delivery).to.deep.include({ taken: false, again: "rarely" });
    expect(delivery.answer).to.match(/^offers no TLS that can be used \(/);
    await new Promise<void>((resolve) => server!.close(resolve));
    const withTls = await listen({ disabledCommands: [], ...ownCertificate() });
    const untrusted = await send(withTls);
    expect(untrusted).to.deep.include({ taken: false, again: "rarely" });
    expect(untrusted.answer).to.match(/^has a certificate that was not accepted \(/);
  });

  it("a server that says nothing, or is not there, keeps nobody waiting for long", async () => {
    const silent: Server = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    const smtp = { host: "127.0.0.1", port, from: "a@b.c" };
    const [channel] = alertChannels({ alerts: [{ email: "a@b.c" }], smtp });
    const began = performance.now();
    const delivery = await deliver(channel!, message, undefined, { ...patience, longestTry: 500 });
    expect(delivery).to.include({ taken: false, again: "later" });
    expect(performance.now() - began).to.be.below(10_000);
    await new Promise((resolve) => silent.close(resolve));
    expect(await deliver(channel!, message, undefined, patience)).to.deep.include({ taken: false, again: "later" });
  });
});
