import type { ToSendAnswer } from "../../../connector/console/routes/both-ways.ts";
import { href } from "../../address.ts";
import { api, body } from "../../api.ts";
import { useLoaded } from "../../load.ts";
import { Changes } from "../../parts/change.tsx";
import { Show } from "../../parts/quiet.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { number } from "../../words.ts";

type Organization = ToSendAnswer["organizations"][number];

const columns: Column<Organization>[] = [
  {
    name: "organization",
    head: "Organization",
    names: true,
    cell: ({ record_id: id, name }) =>
      id === null ? (
        `${name ?? "A company"}, a new one`
      ) : (
        <a href={href(`explain/organizations/${id}`)}>{name ?? id}</a>
      ),
  },
  { name: "change", head: "In Pipedrive", cell: ({ fields }) => <Changes fields={fields} /> },
];

/** The changes that would go to Pipedrive, organization by organization. */
export function ToSend() {
  const loaded = useLoaded("to-send", () => body(api["to-send"].$get()), ["run", "problems"]);
  return (
    <Show loaded={loaded} rows={3}>
      {({ organizations, count }) => (
        <Table
          caption="What would go to Pipedrive"
          columns={columns}
          rows={organizations}
          rowKey={({ record_id, name }) => `${record_id} ${name}`}
          bare
          foot={
            count > organizations.length ? (
              <div class="pager">
                The first {number(organizations.length)} of {number(count)}
              </div>
            ) : undefined
          }
        />
      )}
    </Show>
  );
}
