import type { PlotsAnswer } from "../../../connector/console/routes/overview.ts";
import { go, href } from "../../address.ts";
import { now, spoken } from "../../now.ts";
import { Plot } from "../../parts/plot.tsx";
import { runName } from "../../run-line.tsx";
import { count, number } from "../../words.ts";

const lastRuns = 40;

/** The plots of the overview: rows per run, tokens per day, seconds per run, open rejections. */
export function Plots({ found: { runs, tokens, daily_token_budget } }: { found: PlotsAnswer }) {
  const last = runs.slice(-lastRuns);
  const at = (point: number) => last[point]!;
  const address = (point: number) => href(`runs/${at(point).run}`);
  const points = last.map(({ started_at }) => spoken(started_at, now.value));
  const kindOf = (mode: string) => (mode === "undo" ? "undo" : mode === "remap" ? "remap" : "sync");
  const rows = (kind: string) => last.map(({ mode, rows }) => (kindOf(mode) === kind ? rows : null));
  const most = Math.max(0, ...last.map(({ rows }) => rows));
  const today = tokens.at(-1);
  const rejections = last.map(({ rejections }) => rejections);
  const open = rejections.findLast((value) => value !== null) ?? 0;
  return (
    <section class="plots" aria-label="Plots">
      <Plot
        title="Rows changed per run"
        says={`Rows changed by each of the last ${last.length} runs, at most ${number(most)}`}
        about={
          <>
            <span>
              <i /> Sync
            </span>
            <span>
              <i class="k2" /> Remap
            </span>
            <span>
              <i class="k3" /> Undo
            </span>
          </>
        }
        links={address}
        plotted={{
          points,
          series: [
            { name: "Sync", look: "bar", values: rows("sync") },
            { name: "Remap", look: "bar2", values: rows("remap") },
            { name: "Undo", look: "bar3", values: rows("undo") },
          ],
          log: most > 200,
          format: number,
          tell: (point) => `${runName(at(point).mode)}: ${count(at(point).rows, "row")}, ${points[point]}`,
          open: (point) => go(address(point)),
        }}
      />
      <Plot
        title="Tokens per day"
        says={`API tokens used on each of the last ${tokens.length} days, today ${number(today?.tokens ?? 0)}`}
        about={
          <span>
            <b class="ink2">{number(today?.tokens ?? 0)}</b>
            {daily_token_budget === null ? " today" : ` of ${number(daily_token_budget)} today`}
          </span>
        }
        plotted={{
          points: tokens.map(({ day }) => day.slice(5)),
          series: [{ name: "Tokens", look: "bar", values: tokens.map(({ tokens }) => tokens) }],
          ...(daily_token_budget === null ? {} : { limit: { value: daily_token_budget, name: "budget" } }),
          format: number,
          tell: (point) =>
            `${tokens[point]!.day}: ${count(tokens[point]!.tokens, "token")} in ${count(tokens[point]!.requests, "request")}`,
        }}
      />
      <Plot
        title="Seconds per run"
        says={`How long each of the last ${last.length} runs took, in seconds`}
        links={address}
        plotted={{
          points,
          series: [{ name: "Seconds", look: "line", values: last.map(({ seconds }) => seconds) }],
          format: number,
          tell: (point) => `${runName(at(point).mode)}: ${at(point).seconds ?? "?"} s, ${points[point]}`,
          open: (point) => go(address(point)),
        }}
      />
      {rejections.some((value) => value !== null) && (
        <Plot
          title="Open rejections"
          says={`Records that could not be stored, at the end of each of the last ${last.length} runs; now ${open}`}
          about={<span>{number(open)} now</span>}
          links={address}
          plotted={{
            points,
            series: [{ name: "Rejections", look: "line", values: rejections }],
            format: number,
            tell: (point) => `${count(at(point).rejections ?? 0, "rejection")}, ${points[point]}`,
            open: (point) => go(address(point)),
          }}
        />
      )}
    </section>
  );
}
