import v8 from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { addCopyInput, type CopyInput } from "./copy-input.ts";
import { DeadPostgres, failWhereItDies } from "./dead-postgres.ts";
import type { FromPostgres, PostgresPlace, SentError, ToPostgres } from "./embedded-postgres-messages.ts";
import { postgresModule } from "./postgres-module.ts";

/** So many bytes of an answer are told at a time. */
const answerLength = 262_144;
let part = new Uint8Array(answerLength);

/** It is looked whether a checkpoint is due each time that so many transactions, or statements without one, have ended. */
const lookEvery = 8;
let idleMoments = 0;

const port = parentPort!;
const { data, settings } = workerData as PostgresPlace;
const tell = (message: FromPostgres, moved: ArrayBuffer[] = []) => port.postMessage(message, moved);

// Postgres as V8 compiles it first is a tenth slower than compiled anew with all optimisations, which would take 50 MB, and
// of a sync with nothing to do the fifth of its processor time (docs/decisions/2026-11-26-postgres-is-compiled-once.md).
// Told to a running V8, the first no longer brings the others about in Node 24.
for (const flag of ["--liftoff-only", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering"]) v8.setFlagsFromString(flag);
const started = startPostgres();

/** What was told is done one after the other. */
let last: Promise<unknown> = started.then(
  () => tell({ kind: "started" }),
  (error: unknown) => {
    tell({ kind: "failed", failure: sentError(error) });
    port.close();
  },
);
port.on("message", (message: ToPostgres) => {
  last = last.then(() => carryOut(message)).catch((error) => tell({ kind: "failed", failure: sentError(error) }));
});

async function startPostgres(): Promise<{ postgres: PGlite; copyInput: CopyInput }> {
  const postgres = await PGlite.create(data, {
    pgliteWasmModule: await postgresModule(),
    startParams: [...PGlite.defaultStartParams, ...settings.flatMap((setting) => ["-c", setting])],
  });
  failWhereItDies(postgres);
  return { postgres, copyInput: addCopyInput(postgres) };
}

async function carryOut(message: ToPostgres): Promise<void> {
  const { postgres, copyInput } = await started;
  if (message.kind === "copy input") copyInput.give(message.bytes);
  else if (message.kind === "statement") {
    let idle: boolean;
    try {
      idle = await answer(postgres, message.bytes);
    } finally {
      copyInput.take();
    }
    if (idle && ++idleMoments % lookEvery === 0) await keepLogShort(postgres);
    tell({ kind: "done" });
  } else {
    await postgres.close().then(
      () => tell({ kind: "closed" }),
      (error: unknown) => tell({ kind: "failed", failure: sentError(error) }),
    );
    port.close();
  }
}

/**
 * Carries a statement out and tells the answer as Postgres gives it, in parts that are worth a message. Returns whether no
 * transaction is open after it: the last byte says so (Postgres manual, "Message Formats", ReadyForQuery).
 */
async function answer(postgres: PGlite, statement: Uint8Array): Promise<boolean> {
  let length = 0;
  let lastByte: number | undefined;
  const tellPart = () => {
    if (length === 0) return;
    // What is short is copied, and the memory kept for the next.
    const bytes = length < answerLength / 2 ? part.slice(0, length) : part.subarray(0, length);
    if (bytes.buffer === part.buffer) part = new Uint8Array(answerLength);
    length = 0;
    tell({ kind: "answer", bytes }, [bytes.buffer]);
  };
  await postgres.execProtocolRawStream(statement, {
    onRawData(bytes) {
      lastByte = bytes.at(-1) ?? lastByte;
      if (length + bytes.length > answerLength) tellPart();
      if (bytes.length > answerLength) {
        const own = bytes.slice();
        tell({ kind: "answer", bytes: own }, [own.buffer]);
        return;
      }
      part.set(bytes, length);
      length += bytes.length;
    },
  });
  tellPart();
  return lastByte === "I".charCodeAt(0);
}

/**
 * Makes a checkpoint where one is due, from which on Postgres uses the files of its log again. It would make none before it is
 * shut down, because the process that sees to it is missing in a single session: after a long load the log took as much room
 * as the tables, and as long to be read again after a kill.
 */
async function keepLogShort(postgres: PGlite): Promise<void> {
  const { rows } = await postgres.query<{ due: boolean }>(
    `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > pg_size_bytes(current_setting('max_wal_size')) / 2 as due
     from pg_control_checkpoint()`,
  );
  if (rows[0]?.due) await postgres.exec("checkpoint");
}

function sentError(error: unknown): SentError {
  const { message, code } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
  return { message, code, dead: error instanceof DeadPostgres };
}
