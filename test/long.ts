/** True in `make test-long`, which sets TEST_LONG to run the tests that `make test` leaves out of its files. */
export const inTestLong = process.env["TEST_LONG"] !== undefined;

/**
 * Declares a test that `make test` leaves to `make test-long`: a further variant of another test in its block, which
 * starts the bin again.
 */
export function itLong(title: string, test: Mocha.AsyncFunc): void {
  if (inTestLong) it(title, test);
}
