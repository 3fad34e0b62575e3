import { Random } from "../../connector/sandbox/random.ts";

/** The seed of this test run, FAULT_SEED or a new one: with it every round can be had again. */
export const faultSeed = Number(process.env["FAULT_SEED"] ?? Math.floor(Math.random() * 1_000_000));

/** How many rounds to run: FAULT_ROUNDS, or `few` of them, as many as `make test` has time for. */
export function roundCount(few: number): number {
  return Number(process.env["FAULT_ROUNDS"] ?? few);
}

/**
 * Runs `round` as often as asked, each time with chance of its own. What a round throws is thrown on with what it takes to
 * run it again.
 */
export async function runRounds(
  name: string,
  few: number,
  round: (random: Random, number: number) => Promise<void>,
): Promise<void> {
  const only = process.env["FAULT_ROUND"];
  for (let number = 1; number <= roundCount(few); number++) {
    if (only !== undefined && Number(only) !== number) continue;
    try {
      await round(new Random(faultSeed, name, number), number);
    } catch (error) {
      const again = `FAULT_SEED=${faultSeed} FAULT_ROUNDS=${number} FAULT_ROUND=${number}`;
      (error as Error).message = `round ${number} (${again}): ${(error as Error).message}`;
      throw error;
    }
  }
}
