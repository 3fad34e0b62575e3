import { connect } from "node:net";
import type { Random } from "../connector/sandbox/account/random.ts";

const methods = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "SEARCH"];
const oddMethods = ["TRACK", "get", "G\u00e9T", "", "GET\t", "\0", "M-SEARCH", "A".repeat(300), "PRI", "SOURCE"];
const paths = ["/", "/health", "/health/live", "/health/ready", "/metrics", "/sync", "/sync/company/1"];
const odd = [
  ...[
    "*",
    "",
    "//",
    "/..",
    "/../../etc/passwd",
    "/%",
    "/%00",
    "/%E0%A4%A",
    "/\\evil",
    "/a b",
    "/\u00fc",
    "/#a",
    "/?",
    "?",
  ],
  ...[
    "http://u:p@h/health",
    "http://h/health",
    "https://h/health",
    "http://",
    "http://[::1",
    "http://h:99999/",
    "HTTP://H/",
  ],
  ...[
    "ftp://h/",
    "file:///etc/passwd",
    "h:80",
    "javascript:1",
    "/health?a=\x01",
    "/\x7f",
    "/health/live?".padEnd(9_000, "x"),
  ],
  ...[
    "/".repeat(3_000),
    "/sync/company/9e9",
    "/sync/company/-1",
    "/sync?full=%FF",
    "/webhooks/pipedrive/",
    "/__proto__",
  ],
];
const hosts = [
  "x",
  "localhost:8080",
  "[::1]:80",
  "",
  "a b",
  "u@h",
  "h:p",
  "h/../",
  "[::1",
  "\u00e4",
  "a,b",
  "h:999999",
  "%00",
  "\x01",
];
const versions = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "http/1.1", "", "RTSP/1.0"];
const headers = [
  ...["content-length: 5", "content-length: -1", "content-length: 5\r\ncontent-length: 6", "content-length: x"],
  ...["transfer-encoding: chunked", "transfer-encoding: gzip", "transfer-encoding: chunked\r\ncontent-length: 3"],
  ...["expect: 100-continue", "expect: tea", "connection: upgrade\r\nupgrade: websocket", "connection: close"],
  ...["authorization: Basic %%%", "authorization: Bearer x", "no colon", ": empty", "x: \0", "x: \u00ff", " folded: 1"],
  ...[
    "cookie: a=b",
    "content-type: application/json",
    `x: ${"y".repeat(20_000)}`,
    "host: twice",
    "content-encoding: br",
  ],
];
const bodies = [
  "",
  "{",
  "{}",
  "hello",
  "5\r\nhello\r\n0\r\n\r\n",
  "ffffffff\r\n",
  "z\r\n",
  "\0\0\0",
  '{"meta":1}',
  "[".repeat(5_000),
];

/**
 * Returns one request as bytes: anything from a good one to none at all. `known` are further headers, each used now and
 * then.
 */
export function oddRequest(random: Random, known: readonly string[]): Buffer {
  if (random.chance(0.03)) return Buffer.from(Array.from({ length: 40 }, () => random.integer(0, 255)));
  const method = random.chance(0.85) ? random.pick(methods) : random.pick(oddMethods);
  const target = random.chance(0.5) ? random.pick([...paths, "/webhooks/pipedrive"]) : random.pick(odd);
  const lines = [`${method} ${target} ${random.pick(versions)}`];
  if (random.chance(0.95)) lines.push(`host: ${random.chance(0.6) ? "x" : random.pick(hosts)}`);
  for (const header of known) if (random.chance(0.4)) lines.push(header);
  while (random.chance(0.4)) lines.push(random.pick(headers));
  const whole = `${lines.join("\r\n")}\r\n\r\n${random.chance(0.6) ? "" : random.pick(bodies)}`;
  return Buffer.from(random.chance(0.9) ? whole : whole.slice(0, random.integer(0, whole.length)), "latin1");
}

/** Milliseconds of silence after which this side ends a connection, before an answer and after one. */
const [silence, rest] = [400, 20];

/** Sends bytes on a connection of its own, and ends it if no more bytes come. Returns the answer's bytes. */
export function sendRaw(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.write(bytes));
    let answer = "";
    let end = setTimeout(() => socket.end(), silence);
    socket.setEncoding("latin1").on("data", (text: string) => {
      answer += text;
      clearTimeout(end);
      end = setTimeout(() => socket.end(), rest);
    });
    socket.on("error", () => undefined);
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      clearTimeout(end);
      resolve(answer);
    });
  });
}
