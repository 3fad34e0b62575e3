import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { inTurn, type UnderWay } from "../connector/concurrency.ts";

/** Runs work that reports its start and its end; `wrong` fails after its turn, `slow` takes long before it. */
async function doAll(
  elements: AsyncIterable<string> | Iterable<string>,
  atOnce = 2,
): Promise<{ said: string[]; failure?: string }> {
  const said: string[] = [];
  const work = async (element: string, underWay: readonly UnderWay<string>[]) => {
    said.push(`${element} begins`);
    if (element.includes("slow")) await sleep(30);
    await underWay.at(-1)?.done;
    await sleep(1);
    if (element.includes("wrong")) throw new Error(`${element} failed`);
    said.push(`${element} ends`);
  };
  try {
    await inTurn(elements, atOnce, work);
    return { said };
  } catch (error) {
    return { said, failure: (error as Error).message };
  }
}

describe("work in turn", () => {
  it("is begun while the work before it is under way, two at once, and ends in order", async () => {
    expect(await doAll(["slow 1", "2", "slow 3", "4"])).to.deep.equal({
      said: [
        ...["slow 1 begins", "2 begins", "slow 1 ends", "slow 3 begins", "2 ends", "4 begins"],
        ...["slow 3 ends", "4 ends"],
      ],
    });
  });

  it("is begun three at once where that is asked, and ends in order", async () => {
    expect(await doAll(["slow 1", "2", "3", "4"], 3)).to.deep.equal({
      said: [
        ...["slow 1 begins", "2 begins", "3 begins", "slow 1 ends", "4 begins"],
        ...["2 ends", "3 ends", "4 ends"],
      ],
    });
  });

  it("fails with the work before it, and no more is begun", async () => {
    expect(await doAll(["slow wrong 1", "2", "3"])).to.deep.equal({
      said: ["slow wrong 1 begins", "2 begins"],
      failure: "slow wrong 1 failed",
    });
  });

  it("does what came before the elements failed, and then throws their failure", async () => {
    async function* broken() {
      yield "slow 1";
      yield "2";
      throw new Error("broken off");
    }
    expect(await doAll(broken())).to.deep.equal({
      said: ["slow 1 begins", "2 begins", "slow 1 ends", "2 ends"],
      failure: "broken off",
    });
  });

  it("throws what failed first, where the elements fail too", async () => {
    async function* broken() {
      yield "slow wrong 1";
      throw new Error("broken off");
    }
    expect((await doAll(broken())).failure).to.equal("slow wrong 1 failed");
  });

  it("does nothing where there is nothing", async () => {
    expect(await doAll([])).to.deep.equal({ said: [] });
  });
});
