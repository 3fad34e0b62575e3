import { may } from "../../api.ts";
import { Button } from "../../parts/button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { directionName, number } from "../../words.ts";
import { draft, edit, editOf, forget, valueAt } from "./draft.ts";
import { type Attributes, FieldSelect, type Fields } from "./field-select.tsx";
import { NewMatch } from "./new-match.tsx";
import { TriedMatch } from "./tried-match.tsx";

/** An entry of `fields:` as far as the page reads it. */
interface Entry {
  planhat?: string;
  pipedrive?: string | string[];
  value?: unknown;
  direction?: string;
  transform?: unknown;
  when?: unknown;
}

/** The fields of a model: each with its source in Pipedrive, as Planhat's own page matches them. */
export function CustomMatch({
  file,
  stream,
  model,
  path,
  entries,
  attributes,
  fields,
  transforms,
  sends,
}: {
  file: string;
  stream: string;
  model: string;
  path: (string | number)[];
  entries: readonly unknown[];
  attributes: Attributes;
  fields: Fields;
  transforms: readonly string[];
  sends: boolean;
}) {
  const appended = draft.value.filter(
    (one) => one.file === file && one.path.at(-1) === "-" && one.path.slice(0, -1).join() === path.join(),
  );
  return (
    <div class="box">
      <div class="mrow mhead" aria-hidden="true">
        <span>In Planhat</span>
        <span>Field</span>
        <span />
        <span>Pipedrive</span>
        <span>Transforms{sends && ", direction"}</span>
        <span />
      </div>
      <ul>
        {entries.map((entry, index) => (
          <Match
            key={index}
            file={file}
            stream={stream}
            model={model}
            path={[...path, index]}
            entry={entry as Entry}
            fields={fields}
            sends={sends}
          />
        ))}
        {appended.map((one) => {
          const { planhat = "", pipedrive, direction, transform } = one.value as Entry;
          return (
            <li class="match new" key={planhat}>
              <div class="mrow">
                <span class="sub">New</span>
                <b>{planhat.replace(/^custom\./, "")}</b>
                <Icon name="arrow" class="flip" />
                <span>{String(pipedrive)}</span>
                <span class="w row">
                  <Steps transform={transform} />
                  {direction !== undefined && <span class="sub">{directionName(direction)}</span>}
                </span>
                <Button look="bare" icon="close" onPress={() => forget(one)}>
                  <span class="sr">Take back {planhat}</span>
                </Button>
              </div>
              <TriedMatch stream={stream} model={model} field={planhat} />
            </li>
          );
        })}
      </ul>
      <NewMatch
        file={file}
        stream={stream}
        model={model}
        path={path}
        attributes={attributes}
        fields={fields}
        transforms={transforms}
        sends={sends}
        taken={[...entries, ...appended.map(({ value }) => value)].map((one) => (one as Entry).planhat ?? "")}
      />
    </div>
  );
}

function Match({
  file,
  stream,
  model,
  path,
  entry,
  fields,
  sends,
}: {
  file: string;
  stream: string;
  model: string;
  path: (string | number)[];
  entry: Entry;
  fields: Fields;
  sends: boolean;
}) {
  const { planhat = "", pipedrive, value, when, transform } = entry;
  const removed = editOf(file, path);
  const custom = planhat.startsWith("custom.");
  const one = typeof pipedrive === "string" ? pipedrive : undefined;
  const source =
    one === undefined
      ? undefined
      : ((valueAt(file, [...path, "pipedrive"], { ...({} as object) }) as string | undefined) ?? one);
  const known = fields.find(({ label, key }) => label === source || key === source);
  if (removed !== undefined)
    return (
      <li class="match">
        <div class="row">
          <del class="dim grow">{planhat.replace(/^custom\./, "")}</del>
          <span class="sub">Its values stay; nothing updates them any more.</span>
          <Button look="sm" onPress={() => forget(removed)}>
            Keep the match
          </Button>
        </div>
      </li>
    );
  const direction = String(valueAt(file, [...path, "direction"], undefined) ?? entry.direction ?? "");
  return (
    <li class="match">
      <div class="mrow">
        <span class="sub">{custom ? "Custom" : "Attribute"}</span>
        <b>{planhat.replace(/^custom\./, "")}</b>
        <Icon name="arrow" class="flip" />
        <span class="w">
          {source === undefined ? (
            <span class="ink2">
              {value === undefined ? [pipedrive ?? ""].flat().join(", ") : `always ${JSON.stringify(value)}`}
            </span>
          ) : (
            <FieldSelect
              label={`Pipedrive field for ${planhat}`}
              value={source}
              fields={fields}
              onChoose={(next) => edit(file, [...path, "pipedrive"], next)}
            />
          )}
        </span>
        <span class="w row">
          <Steps transform={transform} />
          {when !== undefined && <span class="sub">with a condition</span>}
          {known?.filled != null && <span class="sub">{number(known.filled)} filled</span>}
          {sends && (
            <select
              aria-label={`Direction of ${planhat}`}
              disabled={!may("editor")}
              value={direction}
              onChange={(event) =>
                edit(
                  file,
                  [...path, "direction"],
                  event.currentTarget.value === "" ? undefined : event.currentTarget.value,
                )
              }
            >
              <option value="">as the object</option>
              {["both", "send", "receive", "none"].map((word) => (
                <option value={word} key={word}>
                  {directionName(word)}
                </option>
              ))}
            </select>
          )}
        </span>
        <span class="x">
          <Button look="bare" by="editor" icon="close" onPress={() => edit(file, path, undefined)}>
            <span class="sr">Remove the match of {planhat}</span>
          </Button>
        </span>
      </div>
      {source !== one && <TriedMatch stream={stream} model={model} field={planhat} />}
    </li>
  );
}

function Steps({ transform }: { transform: unknown }) {
  return (
    <>
      {[transform]
        .flat()
        .filter((step) => step !== undefined)
        .map((step) => (
          <code key={JSON.stringify(step)}>{typeof step === "string" ? step : JSON.stringify(step).slice(1, -1)}</code>
        ))}
    </>
  );
}
