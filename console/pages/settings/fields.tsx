import type { ComponentChildren } from "preact";
import { may } from "../../api.ts";
import { edit, valueAt } from "./draft.ts";

/** A line of settings: its name, what it does, and what one sets. */
export function Setting({
  name,
  about,
  children,
}: {
  name: string;
  about?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <div class="setting">
      <div>
        <b>{name}</b>
        {about !== undefined && <p class="sub">{about}</p>}
      </div>
      <div>{children}</div>
    </div>
  );
}

/** A text of a file that one may change; empty removes it. */
export function TextSetting({
  name,
  about,
  file,
  path,
  document,
  placeholder,
  number = false,
}: {
  name: string;
  about?: ComponentChildren;
  file: string;
  path: (string | number)[];
  document: unknown;
  placeholder?: string;
  number?: boolean;
}) {
  const value = valueAt(file, path, document);
  return (
    <Setting name={name} about={about}>
      <input
        type="text"
        aria-label={name}
        inputMode={number ? "numeric" : undefined}
        disabled={!may("editor")}
        placeholder={placeholder}
        value={value === undefined || value === null ? "" : String(value)}
        onChange={(event) => {
          const text = event.currentTarget.value.trim();
          edit(file, path, text === "" ? undefined : number && /^\d+$/.test(text) ? Number(text) : text);
        }}
      />
    </Setting>
  );
}

/** One of few values, as buttons of one row. */
export function ChoiceSetting({
  name,
  about,
  of,
  value,
  onChoose,
}: {
  name: string;
  about?: ComponentChildren;
  of: readonly (readonly [value: string, word: string])[];
  value: string;
  onChoose: (value: string) => void;
}) {
  return (
    <Setting name={name} about={about}>
      <fieldset class="seg" disabled={!may("editor")}>
        <legend class="sr">{name}</legend>
        {of.map(([one, word]) => (
          <label key={one}>
            <input type="radio" name={name} value={one} checked={value === one} onChange={() => onChoose(one)} />
            {word}
          </label>
        ))}
      </fieldset>
    </Setting>
  );
}

/** Several of some values, as boxes to tick. */
export function SeveralSetting({
  name,
  about,
  of,
  chosen,
  onChoose,
}: {
  name: string;
  about?: ComponentChildren;
  of: readonly (readonly [value: string, word: string])[];
  chosen: readonly string[];
  onChoose: (values: string[]) => void;
}) {
  return (
    <Setting name={name} about={about}>
      <fieldset class="stack ticks" disabled={!may("editor")}>
        <legend class="sr">{name}</legend>
        {of.map(([one, word]) => (
          <label class="opt" key={one}>
            <input
              type="checkbox"
              checked={chosen.includes(one)}
              onChange={(event) =>
                onChoose(event.currentTarget.checked ? [...chosen, one] : chosen.filter((other) => other !== one))
              }
            />
            <b>{word}</b>
          </label>
        ))}
      </fieldset>
    </Setting>
  );
}
