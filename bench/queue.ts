import { Random } from "../connector/sandbox/account/random.ts";

/** The load of a queue and its workers. */
export interface QueueSetting {
  /** Events a second, at random moments (Poisson), over the whole account. */
  arrivalsPerSecond: number;
  organizations: number;
  /** The part of all events that belongs to the busiest organization; the others are spread evenly. */
  busiest: number;
  workers: number;
  /** Seconds for which events arrive. */
  seconds: number;
  /** Returns the service time of one event, in seconds. */
  serviceTime: (random: Random) => number;
  seed: number;
}

/** The result of a simulation. Times in seconds. */
export interface QueueOutcome {
  events: number;
  /** The part of the workers' time in which they worked, while events arrived. */
  utilisation: number;
  /** From an event's arrival to the start of its work. */
  waiting: { median: number; p99: number };
  /** Events still waiting when the last one arrived. */
  backlog: number;
}

/**
 * Simulates a queue event by event. Each event belongs to an organization. An organization's events are done one at a
 * time and in order. Among organizations with waiting events the one that has been ready longest is next. Equal
 * settings give equal outcomes.
 */
export function simulateQueue(setting: QueueSetting): QueueOutcome {
  const { arrivalsPerSecond, organizations, busiest, workers, seconds } = setting;
  const random = new Random(setting.seed);
  const waiting = new Map<number, number[]>();
  /** Organizations with waiting events and none in progress, in the order in which they became ready. */
  const ready: number[] = [];
  let firstReady = 0;
  const underWay: { ends: number; organization: number }[] = [];
  const busy = new Set<number>();
  const waits: number[] = [];
  let [worked, inQueue, events] = [0, 0, 0];

  const begin = (now: number) => {
    while (underWay.length < workers && firstReady < ready.length) {
      const organization = ready[firstReady++]!;
      const queue = waiting.get(organization)!;
      waits.push(now - queue.shift()!);
      if (queue.length === 0) waiting.delete(organization);
      inQueue -= 1;
      const time = setting.serviceTime(random);
      worked += Math.max(0, Math.min(now + time, seconds) - now);
      busy.add(organization);
      underWay.push({ ends: now + time, organization });
    }
  };
  const endNext = () => {
    const next = underWay.reduce((least, one, index) => (one.ends < underWay[least]!.ends ? index : least), 0);
    const [{ ends, organization }] = underWay.splice(next, 1) as [{ ends: number; organization: number }];
    busy.delete(organization);
    if (waiting.has(organization)) ready.push(organization);
    begin(ends);
  };
  const nextEnd = () => underWay.reduce((least, { ends }) => Math.min(least, ends), Number.POSITIVE_INFINITY);

  for (let now = gap(random, arrivalsPerSecond); now < seconds; now += gap(random, arrivalsPerSecond)) {
    while (nextEnd() <= now) endNext();
    const organization = random.chance(busiest) ? 0 : random.integer(1, Math.max(1, organizations - 1));
    const queue = waiting.get(organization);
    if (queue === undefined) {
      waiting.set(organization, [now]);
      if (!busy.has(organization)) ready.push(organization);
    } else queue.push(now);
    inQueue += 1;
    events += 1;
    begin(now);
  }
  const backlog = inQueue;
  while (underWay.length > 0) endNext();
  waits.sort((one, other) => one - other);
  return {
    events,
    utilisation: worked / (workers * seconds),
    waiting: { median: percentile(waits, 0.5), p99: percentile(waits, 0.99) },
    backlog,
  };
}

/** Returns times spread like measured ones: log-normal, so that half are below the median and 99 of 100 below p99. */
export function timesLike(median: number, p99: number): (random: Random) => number {
  const spread = Math.max(0, Math.log(p99 / median) / 2.326);
  return (random) => median * Math.exp(spread * normal(random));
}

/** Returns a random time between events. */
function gap(random: Random, perSecond: number): number {
  return -Math.log(1 - random.next()) / perSecond;
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
