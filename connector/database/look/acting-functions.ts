import { Failure } from "../../failure.ts";
import { onlyReads } from "./statement-failure.ts";

/**
 * Volatile functions of Postgres and its extensions that only read, draw random values, return the time or wait. All
 * other volatile functions act: on other sessions, files, locks or settings, or by a statement given as text.
 */
const harmless = new RegExp(
  `^(${[
    "array_(sample|shuffle)",
    "clock_timestamp|timeofday|current_query|currval|lastval|lo_get|txid_status",
    "gen_random_(uuid|bytes)|gen_salt|uuidv[47]|uuid_generate_v\\w+",
    "random(_normal)?|setseed",
    "pg_sleep(_for|_until)?",
    "pg_\\w+_size",
    "pg_(is|last|current|control|partition|xact|stat_get|stat_have)_\\w+",
    "pg_(database_)?collation_actual_version|pg_(safe_snapshot_)?blocking_pids",
    "pg_lock_status|pg_jit_available|pg_sequence_last_value",
  ].join("|")})$`,
);

/**
 * SQL that finds the functions among `$1` that Postgres or an extension declares volatile. Some of them pass a
 * read-only transaction: pg_terminate_backend, pg_notify, pg_advisory_lock, lo_export, set_config, dblink.
 */
export const volatileAmong = `
  select distinct p.proname as name from pg_catalog.pg_proc p
  where p.proname = any($1) and p.provolatile = 'v' and p.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype
    and not ('pg_catalog.internal'::pg_catalog.regtype = any(p.proargtypes))
    and (p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace or exists (
      select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e'))
  order by 1`;

/** Throws a Failure of kind `usage` if one of these volatile functions does more than read. */
export function refuseActing(names: readonly string[]): void {
  const acting = names.filter((name) => !harmless.test(name));
  if (acting.length === 0) return;
  const what = acting.length === 1 ? "a function that acts" : "functions that act";
  throw new Failure("usage", `The statement names ${what}: ${acting.join(", ")}.`, { hint: onlyReads });
}
