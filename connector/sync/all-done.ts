/** Returns when all are done; throws the first failure, when nothing is under way any more. */
export async function allDone(parts: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(parts);
  await Promise.all(parts);
}
