import type { Json } from "../mapping/value.ts";
import { toldMessage } from "../told-error.ts";
import { within } from "./within.ts";

/** The health of one component, for users and monitors, and whether it keeps the service from working. */
export interface PartHealth {
  /** False if the service cannot work (it is not ready). */
  ready: boolean;
  /**
   * The fault in one sentence, if any; also for faults that leave the service ready. Every client may read it, so it
   * contains no error text and no address.
   */
  problem?: string;
  /** The error's text, for clients with the `sync_token`. */
  cause?: string;
  [detail: string]: Json | undefined;
}

/** Returns a component's health; an error counts as not ready. */
export type HealthCheck = () => PartHealth | Promise<PartHealth>;

/** The health of the service, by component. */
export interface HealthReport {
  status: "ready" | "not_ready";
  /** The faults of all components. */
  problems: string[];
  parts: Record<string, PartHealth>;
}

/** The registry of the components' health checks. */
export interface Health {
  /** Adds a component's check, or replaces it. */
  add(part: string, check: HealthCheck): void;
  /** Runs all checks. Causes are left out unless requested. */
  report(options?: { causes?: boolean }): Promise<HealthReport>;
}

/** Time limit (ms) of a check: a run may hold the embedded database for some seconds. */
const patience = 7_000;

/** Creates an empty registry. */
export function createHealth(): Health {
  const checks = new Map<string, HealthCheck>();
  return {
    add(part, check) {
      checks.set(part, check);
    },
    async report({ causes = false } = {}) {
      const asked = [...checks].map(async ([part, check]): Promise<[string, PartHealth]> => {
        const { cause, ...rest } = await ask(part, check);
        return [part, causes && cause !== undefined ? { ...rest, cause } : rest];
      });
      const parts = Object.fromEntries(await Promise.all(asked));
      const ready = Object.values(parts).every((part) => part.ready);
      const problems = Object.values(parts).flatMap(({ problem }) => problem ?? []);
      return { status: ready ? "ready" : "not_ready", problems: [...new Set(problems)], parts };
    },
  };
}

async function ask(part: string, check: HealthCheck): Promise<PartHealth> {
  try {
    const found = await within((async () => check())(), patience);
    return found ?? { ready: false, problem: `The part ${part} does not answer: the database is slow.` };
  } catch (error) {
    const cause = toldMessage(error);
    return { ready: false, problem: "The database does not answer.", cause };
  }
}
