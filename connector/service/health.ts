import type { Json } from "../mapping/value.ts";

/** How one part of the service is: what people and monitors read of it, and whether it keeps the service from working. */
export interface PartHealth {
  /** False: the service cannot do its work (it is not ready). */
  ready: boolean;
  /** In a sentence what is wrong, where something is; it may be worth knowing though the service is ready. */
  problem?: string;
  [detail: string]: Json | undefined;
}

/** Asks a part how it is; what it throws counts as not ready. */
export type HealthCheck = () => PartHealth | Promise<PartHealth>;

/** How the service is, by the names of its parts. */
export interface HealthReport {
  status: "ready" | "not_ready";
  parts: Record<string, PartHealth>;
}

/** Where the parts of the service say how they are. */
export interface Health {
  /** Adds a part's check, or replaces it. */
  add(part: string, check: HealthCheck): void;
  /** Asks all parts. */
  report(): Promise<HealthReport>;
}

/** Makes an empty one. */
export function createHealth(): Health {
  const checks = new Map<string, HealthCheck>();
  return {
    add(part, check) {
      checks.set(part, check);
    },
    async report() {
      const parts: Record<string, PartHealth> = {};
      for (const [part, check] of checks) {
        try {
          parts[part] = await check();
        } catch (error) {
          parts[part] = { ready: false, problem: error instanceof Error ? error.message : String(error) };
        }
      }
      const ready = Object.values(parts).every((part) => part.ready);
      return { status: ready ? "ready" : "not_ready", parts };
    },
  };
}
