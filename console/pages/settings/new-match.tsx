import { useState } from "preact/hooks";
import { may } from "../../api.ts";
import { Button } from "../../parts/button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { directionName } from "../../words.ts";
import { edit } from "./draft.ts";
import { type Attributes, FieldSelect, type Fields } from "./field-select.tsx";
import { TriedMatch } from "./tried-match.tsx";

/** A new match: an Attribute or a Custom field of Planhat, and the field of Pipedrive that fills it. */
export function NewMatch({
  file,
  stream,
  model,
  path,
  attributes,
  fields,
  transforms,
  taken,
  sends,
}: {
  file: string;
  stream: string;
  model: string;
  path: (string | number)[];
  attributes: Attributes;
  fields: Fields;
  /** The transforms that take no argument; others are written as text. */
  transforms: readonly string[];
  taken: readonly string[];
  sends: boolean;
}) {
  const [kind, setKind] = useState<"custom" | "attribute">("custom");
  const [name, setName] = useState("");
  const [source, setSource] = useState("");
  const [direction, setDirection] = useState("");
  const [steps, setSteps] = useState<string[]>([]);
  if (!may("editor")) return null;
  const planhat = kind === "custom" ? `custom.${name.trim()}` : name;
  const twice = taken.includes(planhat);
  const whole = name.trim() !== "" && source !== "" && !twice;
  const value = {
    planhat,
    pipedrive: source,
    ...(direction === "" ? {} : { direction }),
    ...(steps.length === 0 ? {} : { transform: steps }),
  };
  const add = () => {
    edit(file, [...path, "-"], value);
    setName("");
    setSource("");
    setSteps([]);
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
        <span class="w row">
          {steps.map((step, index) => (
            <button
              type="button"
              class="chip"
              key={step}
              onClick={() => setSteps(steps.filter((_, place) => place !== index))}
            >
              <code>{step}</code>
              <span class="sr"> remove</span>
            </button>
          ))}
          <select
            aria-label="Transform of the new match"
            value=""
            onChange={(event) => setSteps([...steps, event.currentTarget.value])}
          >
            <option value="">Transform</option>
            {transforms
              .filter((one) => !steps.includes(one))
              .map((one) => (
                <option value={one} key={one}>
                  {one}
                </option>
              ))}
          </select>
          {sends && (
            <select
              aria-label="Direction of the new match"
              value={direction}
              onChange={(event) => setDirection(event.currentTarget.value)}
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
        <Button look="bare" icon="plus" off={!whole} onPress={add}>
          <span class="sr">Add the match</span>
        </Button>
      </div>
      {twice && <p class="sub above">This field is matched already.</p>}
      {whole && (
        <TriedMatch stream={stream} model={model} field={planhat} own={{ file, path: [...path, "-"], value }} />
      )}
    </div>
  );
}
