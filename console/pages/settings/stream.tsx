import type { SettingsAnswer } from "../../../connector/console/routes/settings.ts";
import { href } from "../../address.ts";
import { api, body } from "../../api.ts";
import { useLoaded } from "../../load.ts";
import { Section } from "../../parts/page.tsx";
import { Empty, Note } from "../../parts/quiet.tsx";
import { count, directionName, large, modelName } from "../../words.ts";
import { CustomMatch } from "./custom-match.tsx";
import { DealRules } from "./deal-rules.tsx";
import { edit, valueAt } from "./draft.ts";
import { ChoiceSetting } from "./fields.tsx";

/** The document of a mapping file as far as the page reads it. */
export interface MappingDocument {
  direction?: string;
  prefer?: string;
  create_in_pipedrive?: boolean;
  model?: string;
  fields?: unknown[];
  pipelines?: (string | number)[];
  statuses?: string[];
  start_date?: string | string[];
  models?: { model?: string; when?: unknown; fields?: unknown[] }[];
}

/** The settings of one stream: its direction, its fields, and for deals what makes one sync. */
export function Stream({ found, stream }: { found: SettingsAnswer; stream: string }) {
  const own = found.mappings.files.find((file) => file.stream === stream);
  const fields = useLoaded(`fields ${stream}`, () => body(api.fields[":stream"].$get({ param: { stream } })), [
    "settings",
    "run",
  ]);
  if (own === undefined)
    return (
      <Empty title={`There is no mapping file for ${stream}`} icon="code">
        Its direction is None. <code>pipedrive-planhat mapping init</code> writes one.
      </Empty>
    );
  const document = own.document as MappingDocument | null;
  if (document === null)
    return (
      <Note
        kind="b"
        action={
          <a class="btn" href={href(`mapping/${stream}`)}>
            Mend it
          </a>
        }
      >
        {own.file} is not YAML.
      </Note>
    );
  const { file } = own;
  const sends = stream === "organizations";
  const direction = String(valueAt(file, ["direction"], document) ?? "receive");
  const directions = (sends ? ["both", "send", "receive", "none"] : ["receive", "none"]).map(
    (one) => [one, directionName(one)] as const,
  );
  const lists =
    document.models === undefined
      ? [{ model: document.model ?? "", path: ["fields"] as (string | number)[], entries: document.fields ?? [] }]
      : document.models.map((one, index) => ({
          model: one.model ?? "",
          path: ["models", index, "fields"],
          entries: one.fields ?? [],
        }));
  return (
    <>
      <Section
        title={large(stream.replaceAll("_", " "))}
        about={fields.value === undefined ? undefined : `${count(fields.value.records, "record")} landed`}
        class="gaps"
      >
        <div class="box">
          <ChoiceSetting
            name="Direction"
            of={directions}
            value={direction}
            onChoose={(value) => edit(file, ["direction"], value)}
          />
          {sends && (direction === "both" || direction === "send") && (
            <ChoiceSetting
              name="When both sides changed one field"
              of={[
                ["pipedrive", "Pipedrive wins"],
                ["planhat", "Planhat wins"],
                ["newest", "The newest wins"],
              ]}
              value={String(valueAt(file, ["prefer"], document) ?? "pipedrive")}
              onChoose={(value) => edit(file, ["prefer"], value)}
            />
          )}
        </div>
      </Section>
      {stream === "deals" && (
        <DealRules found={found} file={file} document={document} fields={fields.value?.fields ?? []} />
      )}
      {lists
        .filter(({ model }) => model !== "none")
        .map(({ model, path, entries }) => (
          <Section title={`Fields of a ${modelName(model)}`} about="Planhat ← Pipedrive" class="gaps" key={path.join()}>
            <CustomMatch
              file={file}
              stream={stream}
              model={model}
              path={path}
              entries={entries}
              attributes={found.models[model as keyof typeof found.models] ?? []}
              fields={fields.value?.fields ?? []}
              transforms={found.plain_transforms}
              sends={sends}
            />
          </Section>
        ))}
    </>
  );
}
