import type { FirstAccountAnswer } from "../../../connector/console/routes/first-hour.ts";
import { Value } from "../../parts/value.tsx";
import { number } from "../../words.ts";
import type { Typed } from "./answers.ts";

/** Which deals sync: the pipelines, and the field that says when a contract starts. */
export function ChooseDeals({
  account: { pipelines, startDates, won },
  typed,
  change,
}: {
  account: FirstAccountAnswer;
  typed: Typed;
  change: (typed: Partial<Typed>) => void;
}) {
  const tick = (select: string | number, on: boolean) =>
    change({
      pipelines: pipelines
        .map((one) => one.select)
        .filter((one) => (one === select ? on : typed.pipelines.includes(one))),
    });
  return (
    <div class="stack gap">
      <fieldset>
        <legend>
          <h3>Pipelines</h3>
        </legend>
        <p class="sub">None ticked: every pipeline, also one that comes later.</p>
        <div class="box choices">
          {pipelines.map(({ id, name, select, won: ofIt }) => (
            <label class="opt" key={id}>
              <input
                type="checkbox"
                checked={typed.pipelines.includes(select)}
                onChange={(event) => tick(select, event.currentTarget.checked)}
              />
              <b>{name}</b>
              <span class="r">{number(ofIt)} won</span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>
          <h3>Start date</h3>
        </legend>
        <p class="sub">Where the chosen field is NULL or empty, the time counts at which the deal was won.</p>
        <div class="box choices">
          {startDates.map(({ field, label, filled, samples }) => (
            <label class="opt" key={field ?? ""}>
              <input
                type="radio"
                name="start-date"
                checked={typed.startDate === field}
                onChange={() => change({ startDate: field })}
              />
              <b>{label}</b>
              <span class="samples">
                {samples.map(({ state, value }, index) => (
                  <span key={index}>
                    <Value value={state === "present" ? value : state === "null" ? null : undefined} />
                  </span>
                ))}
              </span>
              <span class="r">
                {number(filled)} of {number(won)}
              </span>
            </label>
          ))}
        </div>
      </fieldset>
    </div>
  );
}
