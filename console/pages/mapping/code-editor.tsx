import { useEffect, useRef, useState } from "preact/hooks";
import type { FieldsAnswer, SettingsAnswer } from "../../../connector/console/routes/settings.ts";
import type { Problem } from "../../../connector/problem.ts";
import { api, body } from "../../api.ts";
import { useLoaded } from "../../load.ts";
import { Loading } from "../../parts/quiet.tsx";
import type { Known } from "./complete.ts";
import type { Editor } from "./editor.ts";

/** A place in the text to go to. */
export interface Place {
  line: number;
  column: number;
}

/** The editor of one file; its code is loaded when it is first opened. */
export function CodeEditor({
  label,
  text,
  onDisk,
  readOnly,
  problems,
  stream,
  settings,
  place,
  onChange,
}: {
  label: string;
  /** The text with which the editor opens. */
  text: string;
  /** The text of the file, which replaces that of the editor when it changes; undefined while somebody edits. */
  onDisk: string | undefined;
  readOnly: boolean;
  problems: readonly Problem[];
  stream: string;
  settings: SettingsAnswer;
  place: Place | undefined;
  onChange: (text: string) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | undefined>(undefined);
  const [ready, setReady] = useState(false);
  const fields = useLoaded(`fields ${stream}`, () => body(api.fields[":stream"].$get({ param: { stream } })), [
    "settings",
  ]);
  const known = useRef<Known>(knownOf(stream, settings, undefined));
  known.current = knownOf(stream, settings, fields.value);
  const changing = useRef(onChange);
  changing.current = onChange;
  const first = useRef(text);
  useEffect(() => {
    let gone = false;
    void import("./editor.ts").then(({ makeEditor }) => {
      if (gone || box.current === null) return;
      editor.current = makeEditor(box.current, {
        text: first.current,
        readOnly,
        label,
        known: () => known.current,
        onChange: (next) => changing.current(next),
      });
      setReady(true);
    });
    return () => {
      gone = true;
      editor.current?.remove();
    };
  }, [label, readOnly]);
  useEffect(() => {
    if (onDisk !== undefined) editor.current?.replace(onDisk);
  }, [onDisk]);
  useEffect(() => {
    if (ready) editor.current?.mark(problems);
  }, [problems, ready]);
  useEffect(() => {
    if (place !== undefined) editor.current?.reveal(place.line, place.column);
  }, [place]);
  return (
    <>
      {!ready && <Loading rows={12} />}
      <div class="box" ref={box} hidden={!ready} />
    </>
  );
}

function knownOf(
  stream: string,
  { models, pipelines, transforms }: SettingsAnswer,
  fields: FieldsAnswer | undefined,
): Known {
  const of: Readonly<Record<string, readonly string[]>> = {
    organizations: ["company"],
    persons: ["enduser"],
    notes: ["note"],
    deals: ["license", "sale", "deal"],
    deal_products: ["license", "sale", "lineitem"],
  };
  const own = Object.entries(models).filter(([model]) => (of[stream] ?? []).includes(model));
  return {
    stream,
    fields: fields?.fields ?? [],
    models: Object.fromEntries(own),
    pipelines: pipelines.map(({ name }) => name),
    transforms,
  };
}
