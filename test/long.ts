/** True in `make test-long`, when it runs what `make test` leaves out of its files: TEST_LONG is set. */
export const inTestLong = process.env["TEST_LONG"] !== undefined;

/**
 * A test that `make test` leaves to `make test-long`: a further variant of what another one of its block shows, which
 * starts the bin again.
 */
export function itLong(title: string, test: Mocha.AsyncFunc): void {
  if (inTestLong) it(title, test);
}
