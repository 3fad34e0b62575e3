import type { Json } from "../mapping/value.ts";
import { within } from "./within.ts";

/** How one part of the service is: what people and monitors read of it, and whether it keeps the service from working. */
export interface PartHealth {
  /** False: the service cannot do its work (it is not ready). */
  ready: boolean;
  /**
   * In a sentence of ours what is wrong, where something is; it may be worth knowing though the service is ready. Everybody
   * may read it: it holds no text of an error and no address.
   */
  problem?: string;
  /** The same exactly, with what the error said: for whoever has the `sync_token`. */
  cause?: string;
  [detail: string]: Json | undefined;
}

/** Asks a part how it is; what it throws counts as not ready. */
export type HealthCheck = () => PartHealth | Promise<PartHealth>;

/** How the service is, by the names of its parts. */
export interface HealthReport {
  status: "ready" | "not_ready";
  /** What is wrong, all parts together. */
  problems: string[];
  parts: Record<string, PartHealth>;
}

/** Where the parts of the service say how they are. */
export interface Health {
  /** Adds a part's check, or replaces it. */
  add(part: string, check: HealthCheck): void;
  /** Asks all parts. Causes are left out unless asked for. */
  report(options?: { causes?: boolean }): Promise<HealthReport>;
}

/** How long (ms) a part may take: a run may hold the embedded database for some seconds. */
const patience = 7_000;

/** Makes an empty one. */
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
    return found ?? { ready: false, problem: `The part ${part} does not answer: the database takes its time.` };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { ready: false, problem: "The database cannot be asked.", cause };
  }
}
