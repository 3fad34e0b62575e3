import type { Queryable } from "../database.ts";

const rowsAtOnce = 5000;

/** A company that was never published, or was refused until now. */
export interface UnpublishedCompany {
  sourceId: string;
  /** Planhat's id, if it was written into the row by hand. */
  planhatId: string | null;
  name: string | null;
  web: string | null;
  domains: readonly unknown[] | null;
}

/** Yields the companies that are about to be published for the first time, in batches. */
export async function* readUnpublishedCompanies(queryable: Queryable): AsyncGenerator<UnpublishedCompany[], void> {
  for (let last = "0"; ; ) {
    const rows = await queryable.query<UnpublishedCompany & { id: string }>(
      `select r.id, r.source_id as "sourceId", r.planhat_id as "planhatId", r.name, r.web,
              case when jsonb_typeof(r.domains) = 'array' then r.domains end as domains
       from planhat.companies as r left join connector.published as p on p.model = 'company' and p.source_id = r.source_id
       where r.source_id is not null and r.id > $1
         and (p.source_id is null
              or (coalesce(p.planhat_id, r.planhat_id) is null and p.version is distinct from r.updated_at))
       order by r.id limit ${rowsAtOnce}`,
      [last],
    );
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows;
    last = end.id;
  }
}
