import type { ComponentChildren } from "preact";
import type { FirstPlanAnswer } from "../../../connector/console/routes/first-hour.ts";
import { duration } from "../../now.ts";
import { large, number, reasonName, rowsOf } from "../../words.ts";

/** The rows that the first sync would bring, and its cost, as `plan` counts them. */
export function WouldBring({ plan, children }: { plan: FirstPlanAnswer | undefined; children: ComponentChildren }) {
  return (
    <aside class="box stick" aria-labelledby="would-bring">
      <div class="pad">
        <h2 id="would-bring">The first sync would bring</h2>
        <p class="sub">Nothing is written yet.</p>
        {plan !== undefined && <Rows models={plan.models} />}
      </div>
      {plan !== undefined && <Counts plan={plan} />}
      <div class="pad">{children}</div>
    </aside>
  );
}

function Rows({ models }: Pick<FirstPlanAnswer, "models">) {
  const made = Object.entries(models).filter(([, { created }]) => created > 0);
  const revenue = made.filter(([model]) => !["company", "enduser", "note"].includes(model));
  const others = made.filter((one) => !revenue.includes(one));
  return (
    <>
      <p class="big">{made.length === 0 ? "No rows" : words(revenue.length > 0 ? revenue : others)}</p>
      {revenue.length > 0 && others.length > 0 && <p class="ink2">with {words(others)}</p>}
    </>
  );
}

function words(rows: readonly [string, { created: number }][]): string {
  return new Intl.ListFormat("en-GB").format(rows.map(([model, { created }]) => rowsOf(created, model)));
}

function Counts({ plan: { streams, requests, seconds, rejected } }: { plan: FirstPlanAnswer }) {
  const { read, eligible = 0, skipped = {} } = streams.deals;
  return (
    <>
      <div class="pad">
        <h3>{number(read)} deals read</h3>
        <ul class="li">
          <li>
            <b>Eligible</b>
            <span class="num">
              <b>{number(eligible)}</b>
            </span>
          </li>
          {Object.entries(skipped).map(([reason, count]) => (
            <li key={reason}>
              {large(reasonName(reason))}
              <span class="num">{number(count)}</span>
            </li>
          ))}
        </ul>
      </div>
      <div class="pad">
        <ul class="li">
          <li>
            API tokens
            <span class="num">
              <b>{number(requests.tokens)}</b>
            </span>
          </li>
          <li>
            Takes
            <span class="num">{seconds < 60 ? "less than a minute" : `about ${duration(seconds)}`}</span>
          </li>
          {rejected > 0 && (
            <li>
              Rejected
              <span class="num">{number(rejected)}</span>
            </li>
          )}
        </ul>
      </div>
    </>
  );
}
