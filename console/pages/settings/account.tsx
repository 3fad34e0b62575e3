import type { SettingsAnswer } from "../../../connector/console/routes/settings.ts";
import { Section } from "../../parts/page.tsx";
import { State } from "../../parts/state.tsx";
import { Authorization } from "./authorization.tsx";
import { edit, valueAt } from "./draft.ts";
import { ChoiceSetting, Setting, TextSetting } from "./fields.tsx";

/** The account, Planhat, and when a sync runs. */
export function Account({ found: { config } }: { found: SettingsAnswer }) {
  const { file } = config;
  const follow = String(valueAt(file, ["follow_changes"], { follow_changes: config.follow_changes }));
  return (
    <>
      <Section title="Pipedrive" class="gaps">
        <Authorization />
      </Section>
      <Section title="Planhat" class="gaps">
        <div class="box">
          <Setting name="Published to" about="Without it the rows stay in the tables planhat.* of the database.">
            {config.planhat === null ? (
              <State kind="off">Not published</State>
            ) : (
              <>
                <State kind="ok">{config.planhat.api_url}</State>
                <p class="sub">
                  The token is in <code>{config.planhat.variable ?? "the config"}</code>; it is never sent to this page.
                </p>
              </>
            )}
          </Setting>
        </div>
      </Section>
      <Section title="When" class="gaps">
        <div class="box">
          <TextSetting
            name="Schedule"
            about="As cron writes it: minute, hour, day, month, weekday."
            file={file}
            path={["schedule"]}
            document={config}
            placeholder="*/15 * * * *"
          />
          <TextSetting
            name="Start date"
            about="Deals last changed before it start no sync."
            file={file}
            path={["start_date"]}
            document={config}
            placeholder="2020-01-01T00:00:00Z"
          />
          <ChoiceSetting
            name="Changes of companies, end users and notes"
            about="By themselves, without a change of a deal."
            of={[
              ["true", "Start a sync"],
              ["false", "Wait for a deal"],
            ]}
            value={follow}
            onChoose={(value) => edit(file, ["follow_changes"], value === "true")}
          />
        </div>
      </Section>
      <Section title="Limits" class="gaps">
        <div class="box">
          <TextSetting
            name="API tokens a day"
            about="A sync stops before this many."
            file={file}
            path={["daily_token_budget"]}
            document={config}
            placeholder="no limit"
            number
          />
          <Setting name="Brake" about="A run that would harm more rows than both stops and asks.">
            {config.brake === "off" ? (
              <State kind="wait">Off</State>
            ) : (
              <span>
                more than {config.brake?.rows ?? 100} rows, and more than{" "}
                {Math.round((config.brake?.share ?? 0.5) * 100)} % of a model
              </span>
            )}
          </Setting>
          <TextSetting
            name="History, in days"
            about="How long changes are kept for history and undo."
            file={file}
            path={["history", "keep_days"]}
            document={{ history: config.history_days === null ? undefined : { keep_days: config.history_days } }}
            placeholder="90"
            number
          />
        </div>
      </Section>
    </>
  );
}
