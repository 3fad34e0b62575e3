import { useEffect, useState } from "preact/hooks";
import type { StateAnswer } from "../connector/console/read-state.ts";
import { href } from "./address.ts";
import { onLive } from "./live.ts";
import { duration } from "./now.ts";
import { number } from "./words.ts";

/** The progress of a run, as its events tell it. */
export interface Progress {
  run: string;
  stage?: string;
  done?: number;
  total?: number | null;
  seconds_left?: number | null;
}

/** Returns how far the run that goes on is, as its events tell it. */
export function useProgress(): Progress | undefined {
  const [progress, setProgress] = useState<Progress>();
  useEffect(
    () =>
      onLive(({ name, data }) => {
        if (name === "progress") setProgress(data as Progress);
        if (name === "run" && (data as { status?: string } | null)?.status !== "running") setProgress(undefined);
      }),
    [],
  );
  return progress;
}

/** The thin line under the head of every page while a run goes on: its stage, records and time left. */
export function RunLine({ running }: { running: StateAnswer["running"] }) {
  const progress = useProgress();
  if (running === null) return null;
  const mine = progress?.run === running.run ? progress : undefined;
  const { stage, done, total, seconds_left: left } = mine ?? {};
  return (
    <div class="runline" role="status">
      <a href={href(`runs/${running.run}`)}>
        <b>{runName(running.mode)}</b> is running
      </a>
      {stage !== undefined && <span>{stage}</span>}
      {done !== undefined && (
        <span>
          {number(done)}
          {total != null && ` of ${number(total)}`} records
        </span>
      )}
      {left != null && <span>about {duration(left)} left</span>}
      <progress
        aria-label="How far the run is"
        {...(done !== undefined && total != null ? { value: done, max: Math.max(total, 1) } : {})}
      />
    </div>
  );
}

const names: Readonly<Record<string, string>> = {
  full: "Fetch All",
  incremental: "Sync",
  company: "Sync with Pipedrive",
  remap: "Remap",
  write: "Write",
  undo: "Undo",
  rejections: "Retry of rejections",
  retry: "Retry of rejections",
};

/** Returns the name of a kind of run. */
export function runName(mode: string): string {
  return names[mode] ?? mode.slice(0, 1).toUpperCase() + mode.slice(1).replaceAll("_", " ");
}
