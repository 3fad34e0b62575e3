import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { param, setParams } from "../address.ts";
import { number } from "../words.ts";
import { Button } from "./button.tsx";

/** A column of a table. */
export interface Column<Row> {
  /** The name in the address, by which the table is sorted where `sorts` is set. */
  name: string;
  head: ComponentChildren;
  cell(row: Row): ComponentChildren;
  class?: string;
  sorts?: boolean;
  /** True for the column that names the row. */
  names?: boolean;
  /** True if the first press sorts from the largest. */
  downFirst?: boolean;
}

/** A table that scrolls sideways by itself, with a head that stays. */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
  rowClass,
  long = false,
  bare = false,
  foot,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  rowClass?(row: Row): string;
  long?: boolean;
  /** True within a box of its own. */
  bare?: boolean;
  foot?: ComponentChildren;
}) {
  return (
    <div class={`${bare ? "" : "box"} ${long ? "long" : ""}`}>
      <Scroll label={caption}>
        <table>
          <caption class="sr">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head column={column} key={column.name} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr class={rowClass?.(row) ?? ""} key={rowKey(row)}>
                {columns.map((column) =>
                  column.names ? (
                    <th scope="row" class={column.class} key={column.name}>
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td class={column.class} key={column.name}>
                      {column.cell(row)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {foot}
    </div>
  );
}

function Head<Row>({ column: { name, head, class: more, sorts, downFirst = false } }: { column: Column<Row> }) {
  if (!sorts)
    return (
      <th scope="col" class={more}>
        {head}
      </th>
    );
  const on = param("sort") === name;
  const down = on && param("down") !== undefined;
  const next = on ? !down : downFirst;
  return (
    <th scope="col" class={more} aria-sort={on ? (down ? "descending" : "ascending") : undefined}>
      <button
        type="button"
        class="sort"
        onClick={() => setParams({ sort: name, down: next ? "1" : undefined, after: undefined, shown: undefined })}
      >
        {head}
        {on && <span aria-hidden="true">{down ? " ↓" : " ↑"}</span>}
      </button>
    </th>
  );
}

/** Holds what may be wider than the page; then, and only then, the keyboard reaches it to scroll. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const [wide, setWide] = useState(false);
  useEffect(() => {
    const look = new ResizeObserver(() => {
      const { current } = box;
      if (current !== null)
        setWide(current.scrollWidth > current.clientWidth && getComputedStyle(current).overflowX !== "visible");
    });
    look.observe(box.current!);
    if (box.current!.firstElementChild !== null) look.observe(box.current!.firstElementChild);
    return () => look.disconnect();
  }, []);
  return (
    <div class="scroll" ref={box} {...(wide ? { tabIndex: 0, role: "group", "aria-label": label } : {})}>
      {children}
    </div>
  );
}

/** The foot of a table that has more: which part it shows, and the way on and back. */
export function Pager({
  shown,
  of,
  next,
  what,
}: {
  shown: number;
  of: number | undefined;
  next: string | null;
  what?: string;
}) {
  const before = Number(param("shown") ?? 0);
  const first = param("after") === undefined;
  return (
    <div class="pager">
      <span>
        {shown === 0 ? "none" : `${number(before + 1)}–${number(before + shown)}`}
        {of !== undefined && ` of ${number(of)}`}
        {what !== undefined && `, ${what}`}
      </span>
      <span class="r row">
        {!first && (
          <Button look="sm" onPress={() => setParams({ after: undefined, shown: undefined })}>
            First
          </Button>
        )}
        {!first && (
          <Button look="sm" onPress={() => history.back()}>
            Back
          </Button>
        )}
        {next !== null && (
          <Button look="sm" onPress={() => setParams({ after: next, shown: String(before + shown) })}>
            Next 50
          </Button>
        )}
      </span>
    </div>
  );
}
