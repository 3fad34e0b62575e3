import type { FieldsAnswer, SettingsAnswer } from "../../../connector/console/routes/settings.ts";
import { may } from "../../api.ts";
import { number } from "../../words.ts";

/** The properties of a model: its Attributes. */
export type Attributes = SettingsAnswer["models"]["company"];

/** The fields of a stream in Pipedrive. */
export type Fields = FieldsAnswer["fields"];

/** A field of Pipedrive to choose, custom ones first, each with the number of records that fill it. */
export function FieldSelect({
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
