import { Hono } from "hono";
import { explanationOf } from "../../commands/explain/explain.ts";
import { type ToldHistory, toldHistory } from "../../commands/history/history.ts";
import { Failure } from "../../failure.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import { isStreamName, type StreamName } from "../../stream-name.ts";
import type { Explanation } from "../../sync/inspect/explain-record.ts";
import { answer } from "../answer.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";

/** Adds the routes that explain one record and tell its history, as the commands print them. */
export function explainRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>()
    .get("/explain/:stream/:id", async (context) => {
      const service = runningService(host);
      const { database, config } = service;
      const stream = streamOf(context.req.param("stream"));
      const id = recordIdOf(context.req.param("id"));
      const { explanation } = await explanationOf({ database, config, account: () => service }, stream, id);
      return answer<Explanation>(context, explanation);
    })
    .get("/history/:word/:id", async (context) => {
      const { database } = runningService(host);
      const word = context.req.param("word");
      if (!isStreamName(word) && !(modelNames as readonly string[]).includes(word))
        throw new Failure("usage", `There is neither a stream nor a model ${JSON.stringify(word)}.`);
      const told = await toldHistory(database, word as StreamName | ModelName, context.req.param("id"));
      return answer<ToldHistory>(context, told);
    });
}

/** Returns the stream that a part of a path names. Throws a Failure of kind `usage` if it names none. */
export function streamOf(word: string): StreamName {
  if (isStreamName(word)) return word;
  throw new Failure("usage", `There is no stream ${JSON.stringify(word)}.`);
}

/** Returns the record's id in a path. Throws a Failure of kind `usage` if it is none. */
export function recordIdOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new Failure("usage", `${JSON.stringify(text)} is not the id of a record, a whole number above 0.`);
}
