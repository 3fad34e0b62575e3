import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Drawn } from "./draw-plot.ts";
import { Empty } from "./quiet.tsx";
import { Scroll } from "./table.tsx";

/** A series of a plot: bars or a line, one value a point; null leaves the point out. */
export interface Series {
  name: string;
  look: "bar" | "bar2" | "bar3" | "line" | "line2";
  values: (number | null)[];
}

/** The content of a plot. All points have the same distance. */
export interface Plotted {
  /** The names of the points, below the plot. */
  points: string[];
  series: Series[];
  /** A line across: a budget. */
  limit?: { value: number; name: string };
  /** True if small and large values must both be seen. */
  log?: boolean;
  format(value: number): string;
  /** The text at a point, on hover. */
  tell(point: number): string;
  /** Opens what a point stands for. */
  open?(point: number): void;
}

/** A plot with its title, a sentence that says what it shows, and the same numbers as a table behind it. */
export function Plot({
  title,
  about,
  says,
  plotted,
  links,
}: {
  title: string;
  about?: ComponentChildren;
  says: string;
  plotted: Plotted;
  links?: (point: number) => string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [told, setTold] = useState<{ text: string; left: number }>();
  const [shownTable, setShownTable] = useState(false);
  const latest = useRef(plotted);
  latest.current = plotted;
  const key = JSON.stringify([plotted.points, plotted.series, plotted.limit]);
  useEffect(() => {
    let drawn: Drawn | undefined;
    let gone = false;
    void import("./draw-plot.ts").then(({ drawPlot }) => {
      if (gone || box.current === null) return;
      drawn = drawPlot(box.current, latest, (point, left) => {
        setTold(point === undefined ? undefined : { text: latest.current.tell(point), left });
      });
    });
    return () => {
      gone = true;
      drawn?.remove();
    };
  }, [key]);
  const empty = plotted.points.length === 0;
  return (
    <section>
      <div class="h2">
        <h2>{title}</h2>
        {about !== undefined && <p class="r key">{about}</p>}
      </div>
      {empty ? (
        <Empty title="Nothing to draw yet" icon="clock">
          It begins with the first run.
        </Empty>
      ) : (
        <>
          <div class="plot" role="img" aria-label={says} ref={box}>
            {told !== undefined && <Told {...told} />}
          </div>
          <details class="behind" onToggle={(event) => setShownTable(event.currentTarget.open)}>
            <summary>As a table</summary>
            {shownTable && (
              <Scroll label={title}>
                <table>
                  <caption class="sr">{title}</caption>
                  <thead>
                    <tr>
                      <th scope="col">Point</th>
                      {plotted.series.map(({ name }) => (
                        <th scope="col" class="num" key={name}>
                          {name}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {plotted.points.map((point, index) => (
                      <tr key={index}>
                        <th scope="row">{links === undefined ? point : <a href={links(index)}>{point}</a>}</th>
                        {plotted.series.map(({ name, values }) => (
                          <td class="num" key={name}>
                            {values[index] == null ? "" : plotted.format(values[index])}
                          </td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Scroll>
            )}
          </details>
        </>
      )}
    </section>
  );
}

function Told({ text, left }: { text: string; left: number }) {
  const dot = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = dot;
    if (current === null) return;
    const room = current.parentElement!.clientWidth - current.clientWidth;
    current.style.left = `${Math.max(0, Math.min(left - current.clientWidth / 2, room))}px`;
    current.style.top = "-4px";
  });
  return (
    <div class="dot" ref={dot}>
      {text}
    </div>
  );
}
