import { counted } from "../text/counted.ts";
/** The instants of a cron expression in a time zone. */
export interface Schedule {
  /** Returns the last planned instant at or before the given one; undefined if there is none. */
  latest(at: Date): Date | undefined;
  /** Returns the first planned instant after the given one; undefined if there is none. */
  next(at: Date): Date | undefined;
}

/** The reason why a text is not a schedule, as a sentence, and a hint. */
export interface ScheduleProblem {
  message: string;
  hint: string;
}

const example =
  "Five fields: minute, hour, day of month, month, weekday, such as `*/15 * * * *`, or `CRON_TZ=Europe/Berlin 0 6 * * MON-FRI`.";

/**
 * Reads a schedule: five fields of cron or a nickname such as `@hourly`. It is in UTC, unless `CRON_TZ=<IANA zone>`
 * stands in front (as in Kubernetes' and Go's cron). When the clock goes forward, a skipped fixed time follows right
 * after the gap. When it goes back, a fixed time comes once, and recurring times within the hour (`*`, `/`) continue
 * through both.
 */
export async function readSchedule(text: string): Promise<Schedule | ScheduleProblem> {
  const [, timeZone = "UTC", pattern] = /^\s*(?:(?:CRON_TZ|TZ)=(\S*)\s+)?(.*?)\s*$/s.exec(text)!;
  if (!isTimeZone(timeZone)) {
    return {
      message: `\`schedule\` names the time zone ${JSON.stringify(timeZone)}, which does not exist.`,
      hint: "Write it as in Europe/Berlin or America/New_York; without CRON_TZ it is UTC.",
    };
  }
  const fields = pattern!.split(/\s+/).filter((field) => field !== "");
  if (fields.length !== 5 && !(fields.length === 1 && fields[0]!.startsWith("@"))) {
    return { message: `\`schedule\` has ${counted(fields.length, "field")}.`, hint: example };
  }
  const { Cron } = await import("croner");
  try {
    const cron = new Cron(pattern!, {
      timezone: timeZone,
      mode: "5-part",
      fixedTimeRule: "no-wildcard",
      paused: true,
    });
    if (cron.nextRun() === null) {
      return { message: "`schedule` names a day that never comes.", hint: example };
    }
    return {
      // The library's previous runs lie before the instant given; runs are on whole minutes.
      latest: (at) => cron.previousRuns(1, new Date(Math.floor(at.getTime() / 1000) * 1000 + 1000))[0],
      next: (at) => cron.nextRun(at) ?? undefined,
    };
  } catch (error) {
    const reason = (error as Error).message.replace(/^\w+: /, "").replace(/\.$/, "");
    return { message: `\`schedule\` is not a cron expression: ${reason}.`, hint: example };
  }
}

/** Returns true for a schedule, false for a problem. */
export function isSchedule(read: Schedule | ScheduleProblem): read is Schedule {
  return "next" in read;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
