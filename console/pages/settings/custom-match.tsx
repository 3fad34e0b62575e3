import { useState } from "preact/hooks";
import type { FieldsAnswer, SettingsAnswer } from "../../../connector/console/routes/settings.ts";
import { may } from "../../api.ts";
import { Button } from "../../parts/button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { directionName, number } from "../../words.ts";
import { draft, edit, editOf, forget, valueAt } from "./draft.ts";

/** An entry of `fields:` as far as the page reads it. */
interface Entry {
  planhat?: string;
  pipedrive?: string | string[];
  value?: unknown;
  direction?: string;
  transform?: unknown;
  when?: unknown;
}

type Attributes = SettingsAnswer["models"]["company"];
type Fields = FieldsAnswer["fields"];

/** The fields of a model: each with its source in Pipedrive, as Planhat's own page matches them. */
export function CustomMatch({
  file,
  stream,
  path,
  entries,
  attributes,
  fields,
  transforms,
  sends,
}: {
  file: string;
  stream: string;
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
          <Match key={index} file={file} path={[...path, index]} entry={entry as Entry} fields={fields} sends={sends} />
        ))}
        {appended.map((one) => {
          const { planhat, pipedrive } = one.value as Entry;
          return (
            <li class="match new" key={planhat}>
              <div class="mrow">
                <span class="sub">New</span>
                <b>{planhat?.replace(/^custom\./, "")}</b>
                <Icon name="arrow" class="flip" />
                <span>{String(pipedrive)}</span>
                <span class="w" />
                <Button look="bare" icon="close" onPress={() => forget(one)}>
                  <span class="sr">Take back {planhat}</span>
                </Button>
              </div>
            </li>
          );
        })}
      </ul>
      <NewMatch
        file={file}
        stream={stream}
        path={path}
        attributes={attributes}
        fields={fields}
        transforms={transforms}
        taken={[...entries, ...appended.map(({ value }) => value)].map((one) => (one as Entry).planhat ?? "")}
      />
    </div>
  );
}

function Match({
  file,
  path,
  entry,
  fields,
  sends,
}: {
  file: string;
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
              {value === undefined ? String(pipedrive ?? "") : `always ${JSON.stringify(value)}`}
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
          {[transform]
            .flat()
            .filter((step) => step !== undefined)
            .map((step) => (
              <code key={JSON.stringify(step)}>
                {typeof step === "string" ? step : JSON.stringify(step).slice(1, -1)}
              </code>
            ))}
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
    </li>
  );
}

function FieldSelect({
  label,
  value,
  fields,
  onChoose,
}: {
  label: string;
  value: string;
  fields: Fields;
  onChoose: (value: string) => void;
}) {
  const names = fields.map((field) => ({
    value: field.label ?? field.key,
    word: field.label ?? field.key,
    custom: field.custom,
    filled: field.filled,
  }));
  const has = names.some((one) => one.value === value);
  const option = (one: (typeof names)[number]) => (
    <option value={one.value} key={one.value}>
      {one.word}
      {one.filled != null && ` (${number(one.filled)})`}
    </option>
  );
  return (
    <select
      aria-label={label}
      disabled={!may("editor")}
      value={value}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      {!has && <option value={value}>{value === "" ? "Choose a field" : value}</option>}
      <optgroup label="Custom fields">{names.filter(({ custom }) => custom).map(option)}</optgroup>
      <optgroup label="Fields of Pipedrive">{names.filter(({ custom }) => !custom).map(option)}</optgroup>
    </select>
  );
}

/** A new match: an Attribute or a Custom field of Planhat, and the field of Pipedrive that fills it. */
function NewMatch({
  file,
  path,
  attributes,
  fields,
  taken,
}: {
  file: string;
  stream: string;
  path: (string | number)[];
  attributes: Attributes;
  fields: Fields;
  transforms: readonly string[];
  taken: readonly string[];
}) {
  const [kind, setKind] = useState<"custom" | "attribute">("custom");
  const [name, setName] = useState("");
  const [source, setSource] = useState("");
  if (!may("editor")) return null;
  const planhat = kind === "custom" ? `custom.${name.trim()}` : name;
  const twice = taken.includes(planhat);
  const whole = name.trim() !== "" && source !== "" && !twice;
  const field = fields.find(({ label, key }) => (label ?? key) === source);
  const add = () => {
    edit(file, [...path, "-"], { planhat, pipedrive: source });
    setName("");
    setSource("");
  };
  return (
    <div class="match">
      <div class="mrow">
        <select
          aria-label="Attribute or Custom"
          value={kind}
          onChange={(event) => {
            setKind(event.currentTarget.value as "custom" | "attribute");
            setName("");
          }}
        >
          <option value="custom">Custom</option>
          <option value="attribute">Attribute</option>
        </select>
        <span class="w">
          {kind === "custom" ? (
            <input
              type="text"
              aria-label="Custom field of Planhat"
              placeholder="Custom field of Planhat"
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          ) : (
            <select
              aria-label="Attribute of Planhat"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            >
              <option value="">Choose an attribute</option>
              {attributes
                .filter((one) => !taken.includes(one.name))
                .map((one) => (
                  <option value={one.name} key={one.name}>
                    {one.name}
                  </option>
                ))}
            </select>
          )}
        </span>
        <Icon name="arrow" class="flip" />
        <span class="w">
          <FieldSelect label="Pipedrive field of the new match" value={source} fields={fields} onChoose={setSource} />
        </span>
        <span class="w sub">
          {twice
            ? "This field is matched already."
            : field?.filled != null && `${number(field.filled)} records have a value`}
        </span>
        <Button look="bare" icon="plus" off={!whole} onPress={add}>
          <span class="sr">Add the match</span>
        </Button>
      </div>
    </div>
  );
}
