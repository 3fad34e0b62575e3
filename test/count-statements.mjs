// Preloaded into the built bin (node --import) by counts.test.ts: counts its SQL statements by their first word, and
// writes the counts at its end to the file in COUNTED_STATEMENTS. Production code does not know of it.
import { writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { pg } from "../dist/pg.js";

const counts = {};
const count = (text) => {
  for (const statement of String(text).split(";")) {
    const word = /^[\s(]*([a-z]+)/i.exec(statement)?.[1]?.toLowerCase();
    if (word !== undefined) counts[word] = (counts[word] ?? 0) + 1;
  }
};

// Both databases use this driver; a COPY is a stream object that contains its text.
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (statement, ...more) {
  count(typeof statement === "string" ? statement : (statement.text ?? ""));
  return query.call(this, statement, ...more);
};

// The embedded database's thread sends no statements.
if (isMainThread) process.on("exit", () => writeFileSync(process.env.COUNTED_STATEMENTS, JSON.stringify(counts)));
