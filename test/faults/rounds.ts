import { Random } from "../../connector/sandbox/account/random.ts";

/** The seed of this test run, FAULT_SEED or a new one: with it every round can be had again. */
export const faultSeed = Number(process.env["FAULT_SEED"] ?? Math.floor(Math.random() * 1_000_000));

/**
 * Runs a round `count` times (FAULT_ROUNDS: as often as that says), each with chance of its own. What a round throws is
 * thrown on with what it takes to run it again.
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
