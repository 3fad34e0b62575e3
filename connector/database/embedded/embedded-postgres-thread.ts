import v8 from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { addCopyInput, type CopyInput } from "./copy-input.ts";
import { DeadPostgres, failWhereItDies } from "./dead-postgres.ts";
import type { FromPostgres, PostgresPlace, SentError, ToPostgres } from "./embedded-postgres-messages.ts";
import { postgresModule } from "./postgres-module.ts";

/** Bytes of an answer per message. */
const answerLength = 262_144;
let part = new Uint8Array(answerLength);

/** Transactions, or single statements, between two checks whether a checkpoint is due. */
const lookEvery = 8;
let idleMoments = 0;

const port = parentPort!;
const { data, settings } = workerData as PostgresPlace;
const tell = (message: FromPostgres, moved: ArrayBuffer[] = []) => port.postMessage(message, moved);

// V8's baseline code runs Postgres a tenth slower than optimised code. Optimising would take 50 MB, and a fifth of the
// processor time of an idle sync (docs/decisions/2026-11-26-postgres-is-compiled-once.md). In Node 24, once V8 runs,
// the first flag no longer implies the others.
for (const flag of ["--liftoff-only", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering"]) v8.setFlagsFromString(flag);
const started = startPostgres();

/** The last message's work: messages are executed one after the other. */
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
 * Executes a statement and sends its answer as Postgres gives it, in parts that are worth a message. Returns whether no
 * transaction is open afterwards, which the last byte says (Postgres manual, "Message Formats", ReadyForQuery).
 */
async function answer(postgres: PGlite, statement: Uint8Array): Promise<boolean> {
  let length = 0;
  let lastByte: number | undefined;
  const tellPart = () => {
    if (length === 0) return;
    // Copy a short part and keep the buffer; transfer a long one.
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
 * Makes a checkpoint if one is due, after which Postgres reuses its log files. A single session lacks the process that
 * does so and would make none before shutdown. After a long load the log took as much room as the tables, and as long
 * to replay after a kill.
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
