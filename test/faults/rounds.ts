import { Random } from "../../connector/sandbox/account/random.ts";

/** The seed of this test run, FAULT_SEED or a new one; it reproduces every round. */
export const faultSeed = Number(process.env["FAULT_SEED"] ?? Math.floor(Math.random() * 1_000_000));

/**
 * Runs a round `count` times (or FAULT_ROUNDS times), each with its own random numbers. Throws a round's error with the
 * settings that reproduce it.
 */
export async function runRounds(
  name: string,
  count: number,
  round: (random: Random, number: number) => Promise<void>,
): Promise<void> {
  const only = process.env["FAULT_ROUND"];
  const last = Number(process.env["FAULT_ROUNDS"] ?? only ?? count);
  const cpu = process.cpuUsage();
  for (let number = 1; number <= last; number++) {
    if (only !== undefined && Number(only) !== number) continue;
    try {
      await round(new Random(faultSeed, name, number), number);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      failure.message = `round ${number} (FAULT_SEED=${faultSeed} FAULT_ROUND=${number}): ${failure.message}`;
      throw failure;
    }
  }
  const { user, system } = process.cpuUsage(cpu);
  if (last > 5)
    console.log(
      `${last} rounds: ${name} (seed ${faultSeed}), ${((user + system) / 1e6).toFixed(1)} s of processor time`,
    );
}
