import { testWrongInputs } from "../wrong-inputs.ts";

// Those whose messages were mended, and one of each kind. wrong-inputs.long.test.ts has all.
describe("a wrong input of a new user", function () {
  this.timeout(120_000);
  testWrongInputs({ quick: true });
});
