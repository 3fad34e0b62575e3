import { Agent, request } from "node:http";
import { authorization, dealEvent } from "../test/running-service.ts";

// Delivers the events it receives, in a process of its own, and reports the time of each answer (milliseconds; -1 if it
// was not 2xx). The account served beside it must not be part of that time.
const port = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true });

process.on("message", (id: number) => {
  const body = JSON.stringify(dealEvent(id));
  const headers = { authorization, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const started = performance.now();
  const sending = request(
    { port, host: "127.0.0.1", path: "/webhooks/pipedrive", method: "POST", agent, headers },
    (response) => {
      response.resume();
      response.on("end", () => {
        const took = performance.now() - started;
        process.send!(response.statusCode === 200 ? took : -1);
      });
    },
  );
  sending.on("error", () => process.send!(-1));
  sending.end(body);
});
