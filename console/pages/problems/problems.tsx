import type { ProblemsAnswer } from "../../../connector/console/routes/problems.ts";
import { api, body } from "../../api.ts";
import { useLoaded } from "../../load.ts";
import { Page, Section } from "../../parts/page.tsx";
import { Empty, Show } from "../../parts/quiet.tsx";
import { count } from "../../words.ts";
import { Conflicts } from "./conflicts.tsx";
import { Holds } from "./holds.tsx";
import { Group } from "./rejections.tsx";
import { Waiting } from "./waiting.tsx";

/** The problems: what waits for a decision, what was rejected, where both sides disagree, what is held. */
export function Problems() {
  const loaded = useLoaded("problems", () => body(api.problems.$get()), ["run", "problems", "state"]);
  return (
    <Page
      of={loaded}
      title="Problems"
      command="rejections list"
      sentence={loaded.value === undefined ? undefined : <Sentence found={loaded.value} />}
    >
      <Show loaded={loaded}>
        {(found) => (
          <>
            {found.waiting.length > 0 && (
              <Section title="Waiting for you" about="Nothing happens before somebody agrees." class="gaps">
                {found.waiting.map((one) => (
                  <Waiting waiting={one} key={one.kind} />
                ))}
              </Section>
            )}
            {found.rejections.groups.length > 0 && (
              <Section
                title="Rejections"
                about={`${count(found.rejections.count, "record")}, by cause. They go in by themselves when their cause is gone.`}
                class="gaps"
              >
                {found.rejections.groups.map((group) => (
                  <Group group={group} key={`${group.stream} ${group.reason}`} />
                ))}
              </Section>
            )}
            {found.conflicts.count > 0 && <Conflicts found={found.conflicts} />}
            {found.holds.count > 0 && <Holds found={found.holds} />}
            {isQuiet(found) && (
              <Empty title="Nothing waits for anybody">
                Every record could be stored, both sides agree, and nothing is held.
                {found.rejections.dismissed > 0 && ` ${count(found.rejections.dismissed, "rejection")} were dismissed.`}
              </Empty>
            )}
          </>
        )}
      </Show>
    </Page>
  );
}

function isQuiet({ waiting, rejections, conflicts, holds }: ProblemsAnswer): boolean {
  return waiting.length + rejections.count + conflicts.count + holds.count === 0;
}

function Sentence({ found }: { found: ProblemsAnswer }) {
  const { waiting, rejections, conflicts, holds } = found;
  if (isQuiet(found)) return <>There is nothing to decide.</>;
  const parts = [
    ...(waiting.length > 0
      ? [
          <b key="waiting">
            {count(waiting.length, "decision")} {waiting.length === 1 ? "waits" : "wait"} for you
          </b>,
        ]
      : []),
    ...(rejections.count > 0
      ? [
          <span key="rejections">
            {count(rejections.groups.length, "cause")} {rejections.groups.length === 1 ? "rejects" : "reject"}{" "}
            <b>{count(rejections.count, "record")}</b>
          </span>,
        ]
      : []),
    ...(conflicts.count > 0
      ? [<span key="conflicts">{count(conflicts.count, "conflict")} decided by the mapping</span>]
      : []),
    ...(holds.count > 0 ? [<span key="holds">{count(holds.count, "value")} held since an undo</span>] : []),
  ];
  return (
    <>
      {parts.map((part, index) => (
        <>
          {index > 0 && "; "}
          {part}
        </>
      ))}
      .
    </>
  );
}
