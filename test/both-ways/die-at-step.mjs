// Loaded before the bin by the tests of kills: ends the process as SIGKILL does before its n-th step. A step is a commit, what
// comes after one, a request that writes, or an answer; whatever lies between two of these is as good as one of them. Steps
// are counted from the first statement that holds the word in COUNT_FROM on; without a number they are only written down.
import { appendFileSync } from "node:fs";
import http from "node:http";
import { pg } from "../../dist/pg.js";

const from = process.env["COUNT_FROM"];
const last = Number(process.env["DIE_AT_STEP"] ?? Number.POSITIVE_INFINITY);
const log = process.env["STEPS_LOG"];
let counting = false;
let steps = 0;
let previous = "";

function step(what) {
  if (!counting) return;
  const before = previous;
  previous = what;
  if (/^(begin|before GET)/i.test(what) && !/^commit/i.test(before)) return;
  steps++;
  if (log !== undefined) appendFileSync(log, `${what.replace(/\s+/g, " ").slice(0, 90)}\n`);
  if (steps >= last) process.kill(process.pid, "SIGKILL");
}

const query = pg.Client.prototype.query;
pg.Client.prototype.query = function counted(first, ...rest) {
  const text = typeof first === "string" ? first : String(first?.text ?? "copy");
  if (text.includes(from)) counting = true;
  if (/^(begin|commit)\b/i.test(text)) step(text);
  return query.call(this, first, ...rest);
};

const request = http.request;
http.request = function counted(options, ...rest) {
  const name = `${options.method} ${options.path}`;
  step(`before ${name}`);
  const sent = request.call(this, options, ...rest);
  sent.prependListener("response", () => step(`answer ${name}`));
  return sent;
};
