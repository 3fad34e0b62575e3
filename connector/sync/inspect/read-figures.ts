import { instantText } from "../../database/bulk/instant-text.ts";
import type { Queryable } from "../../database/database.ts";
import { countRows } from "../../database/tables/harm.ts";
import type { CompiledMapping, Direction } from "../../mapping/compiled-mapping.ts";
import type { ModelName } from "../../model-name.ts";
import { isListedStream, type StreamName, streamNames } from "../../stream-name.ts";

/** A stream with what has landed of it and what became of that. */
export interface StreamFigures {
  stream: StreamName;
  /** Undefined mappings count as `none`. */
  direction: Direction;
  landed: number;
  deleted: number;
  models: { model: ModelName; rows: number }[];
  rejections: number;
}

/** Counts the landed records of each stream and the rows of its models. */
export async function readStreamFigures(
  queryable: Queryable,
  mapping: CompiledMapping | undefined,
): Promise<StreamFigures[]> {
  const figures: StreamFigures[] = [];
  for (const stream of streamNames) {
    const { direction = "none", models = [] } = mapping?.[stream] ?? {};
    if (!isListedStream(stream) && direction === "none") continue;
    const [counts] = await queryable.query<Record<"landed" | "deleted" | "rejections", number>>(
      `select count(*) filter (where not deleted)::int as landed, count(*) filter (where deleted)::int as deleted,
              (select count(*)::int from connector.rejections where stream = $1 and dismissed is null) as rejections
       from pipedrive.${stream}`,
      [stream],
    );
    const names = [...new Set(models.map(({ model }) => model))];
    const rows: StreamFigures["models"] = [];
    for (const model of names) rows.push({ model, rows: await countRows(queryable, model) });
    figures.push({ stream, direction, ...counts!, models: rows });
  }
  return figures;
}

/** A run as a point of a plot. */
export interface RunPoint {
  run: string;
  mode: string;
  status: string;
  started_at: string;
  seconds: number | null;
  /** The rows that it created, updated and removed. */
  rows: number;
  tokens: number;
  /** The open rejections at its end; null if it did not tell. */
  rejections: number | null;
}

/** Returns the last runs that changed something or did not succeed, oldest first, for plots. */
export async function readRunPoints(queryable: Queryable, most: number): Promise<RunPoint[]> {
  const rows = await queryable.query<RunPoint & Record<string, unknown>>(
    `select * from (
       select r.id as run, r.mode, r.status, ${instantText("r.started_at")} as started_at,
              extract(epoch from r.finished_at - r.started_at)::float as seconds,
              (select coalesce(sum((m.value->>'created')::int + (m.value->>'updated')::int), 0)::int
               from jsonb_each(case when jsonb_typeof(r.summary->'models') = 'object' then r.summary->'models'
                               else '{}' end) as m where jsonb_typeof(m.value) = 'object') as rows,
              coalesce((r.summary->'requests'->>'tokens')::int, 0) as tokens,
              (r.summary->'rejections'->>'open')::int as rejections
       from connector.runs as r where r.finished_at is not null order by r.started_at desc, r.id desc limit $1
     ) as last order by started_at, run`,
    [most],
  );
  return rows.map((row) => ({ ...row, seconds: row.seconds === null ? null : Math.round(row.seconds * 10) / 10 }));
}

/** The use of the API budget on a day. */
export interface DayOfTokens {
  /** YYYY-MM-DD, UTC. */
  day: string;
  tokens: number;
  requests: number;
}

/** Returns the use of the API budget on the last days, oldest first; a day without use is left out. */
export async function readTokenDays(queryable: Queryable, days: number): Promise<DayOfTokens[]> {
  return queryable.query<DayOfTokens & Record<string, unknown>>(
    `select day::text as day, tokens::int as tokens, requests::int as requests from connector.budget
     where day > (now() at time zone 'UTC')::date - $1::int order by day`,
    [days],
  );
}
