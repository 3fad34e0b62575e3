import type { Effect, EffectChange } from "../edits.ts";
import { count, modelName, number, reasonName, rowsOf } from "../words.ts";
import { Changes } from "./change.tsx";
import { State } from "./state.tsx";
import { type Column, Table } from "./table.tsx";

const columns: Column<EffectChange>[] = [
  { name: "row", head: "Row", class: "id", cell: ({ model, source_id }) => `${modelName(model)} ${source_id}` },
  {
    name: "change",
    head: "Change",
    cell: ({ action, fields, name }) => (
      <>
        {action !== "update" && <b>{action} </b>}
        {name}
        <Changes fields={fields} />
      </>
    ),
  },
];

/** The effect of a change on the rows: what moves, how many rows change, what stays as it is, and the first changes. */
export function EffectOnRows({ effect }: { effect: Effect }) {
  const { models, kept, published, rejections, changes } = effect;
  const moved = moveOf(models);
  const there = published.flatMap((model) => {
    const { removed = 0, created = 0 } = models[model] ?? {};
    return [
      ...(removed > 0 ? [`${rowsOf(removed, model)} ${removed === 1 ? "is" : "are"} removed`] : []),
      ...(created > 0 ? [`${rowsOf(created, model)} ${created === 1 ? "is" : "are"} created`] : []),
    ];
  });
  const lines = Object.entries(models).flatMap(([model, counts]) =>
    Object.entries(counts)
      .filter(([what, value]) => value > 0 && what !== "unchanged")
      .map(([what, value]) => ({ key: `${model} ${what}`, text: `${rowsOf(value, model)} ${what}` })),
  );
  return (
    <section>
      <h3>Effect on the rows</h3>
      <ul class="li">
        {moved !== undefined && (
          <li>
            <b>{moved}</b>
          </li>
        )}
        {lines.length === 0 && <li>No row changes.</li>}
        {lines.map(({ key, text }) => (
          <li key={key}>{text}</li>
        ))}
        {Object.entries(kept).map(([reason, rows]) => (
          <li key={reason}>
            <b>
              {count(rows, "row")} of deals {rows === 1 ? "is" : "are"} kept
            </b>{" "}
            and not updated any more: {reasonName(reason)}
          </li>
        ))}
        {there.length > 0 && <li>In Planhat {there.join(", ")}.</li>}
        {rejections > 0 && (
          <li>
            <State kind="bad">{count(rejections, "record")} could not be stored</State>
          </li>
        )}
      </ul>
      {changes.length > 0 && (
        <Table
          caption="The first changes"
          columns={columns}
          rows={changes.slice(0, 20)}
          rowKey={({ model, source_id, action }) => `${model} ${source_id} ${action}`}
        />
      )}
    </section>
  );
}

/** Returns in words that rows of one model become rows of another; undefined where it is not as plain as that. */
function moveOf(models: Effect["models"]): string | undefined {
  const all = Object.entries(models);
  const from = all.filter(([, { removed = 0 }]) => removed > 0);
  const to = all.filter(([, { created = 0 }]) => created > 0);
  const [gone, ...others] = from;
  const [made] = to;
  if (gone === undefined || made === undefined || others.length > 0 || to.length > 1) return undefined;
  const rows = gone[1]["removed"]!;
  if (rows !== made[1]["created"]) return undefined;
  const several = rowsOf(rows, made[0]).replace(`${number(rows)} `, "");
  return `${rowsOf(rows, gone[0])} ${rows === 1 ? `becomes a ${modelName(made[0])}` : `become ${several}`}.`;
}
